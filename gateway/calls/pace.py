"""How fast a lane that was resting takes up work again: half as fast again as before the rest."""

import math

MEMORY_SECONDS = 5.0
TIMES_BEFORE = 1.5
LEAST_A_SECOND = 5.0
GROWTH = 1.05  # a second
OVER_AFTER_SECONDS = 120.0
_SOONEST = 0.5  # less time than this says nothing of a rate


class Pace:
    """The rate at which one operation's calls leave this process; free unless it just rested."""

    def __init__(self) -> None:
        self._calls = 0.0  # older ones fading
        self._first_at = self._last_at = 0.0
        self._rate = 0.0  # before the rest
        self._resting = False
        self._resumed_at: float | None = None
        self._next_at = 0.0

    def rest(self) -> None:
        """Remember the rate there was: the lane rests."""
        if not self._resting and self._resumed_at is None:
            self._rate = self._lately()
        self._resting = True

    def turn(self, at: float, most_seconds: float) -> float | None:
        """The seconds until one more call may leave, which is counted; None where it is too long.

        `at` is the present instant on the loop's clock.
        """
        if self._resting:
            self._resting, self._resumed_at, self._next_at = False, at, at
        if self._resumed_at is None or at - self._resumed_at > OVER_AFTER_SECONDS:
            self._resumed_at = None
            self._count(at)
            return 0.0
        leaves_at = max(at, self._next_at)
        if leaves_at - at > most_seconds:
            return None
        self._next_at = leaves_at + 1.0 / self._allowed(at - self._resumed_at)
        return leaves_at - at

    def _allowed(self, since: float) -> float:
        allowed: float = max(LEAST_A_SECOND, TIMES_BEFORE * self._rate) * GROWTH**since
        return allowed

    def _count(self, at: float) -> None:
        if not self._calls:
            self._first_at = self._last_at = at
        self._calls = self._calls * math.exp((self._last_at - at) / MEMORY_SECONDS) + 1.0
        self._last_at = at

    def _lately(self) -> float:
        """Calls a second up to the last one."""
        age = max(self._last_at - self._first_at, _SOONEST)
        return self._calls / (MEMORY_SECONDS * (1.0 - math.exp(-age / MEMORY_SECONDS)))
