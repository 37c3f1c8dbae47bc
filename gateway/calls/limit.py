"""How many calls at once a system bears: more while it is quick, fewer when it slows or fails."""

from collections.abc import Hashable
from dataclasses import dataclass

SLOWER = 3.0  # times the quickest lately: it queues over there
SLACK_SECONDS = 0.05  # differences below that are our own loop's
BACK_OFF = 0.9
BACK_OFF_FAILED = 0.7
FORGET_SECONDS = 60.0


@dataclass(slots=True)
class _Quickest:
    """The least seconds of one kind of call in this minute and in the one before."""

    since: float
    now: float
    before: float

    def add(self, seconds: float, at: float) -> float:
        if at - self.since > FORGET_SECONDS:
            self.since, self.before, self.now = at, self.now, seconds
        self.now = min(self.now, seconds)
        return min(self.now, self.before)


class Limit:
    """Additive increase, multiplicative decrease, between one and `most`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._limit = float(most)
        self._lowered_at = float("-inf")
        self._quickest: dict[Hashable, _Quickest] = {}

    @property
    def now(self) -> int:
        """How many calls may be under way."""
        return int(self._limit)

    def learn(
        self, kind: Hashable, seconds: float, *, failed: bool, under_way: int, at: float
    ) -> None:
        """Count a call of this kind that took so long; `at` is when it ended, on the loop's clock.

        Calls are compared with calls of their own kind only: long questions take longer.
        """
        if failed:
            self._lower(BACK_OFF_FAILED, seconds, at)
            return
        known = self._quickest.setdefault(kind, _Quickest(at, seconds, seconds))
        quickest = known.add(seconds, at)
        if seconds > SLOWER * quickest + SLACK_SECONDS:
            self._lower(BACK_OFF, seconds, at)
        elif 2 * under_way >= self._limit:  # a limit nobody comes near to proves nothing
            self._limit = min(float(self.most), self._limit + 1.0 / self._limit)

    def _lower(self, times: float, seconds: float, at: float) -> None:
        # Whatever left before the last step down says nothing about the step.
        if at - seconds < self._lowered_at:
            return
        self._lowered_at = at
        self._limit = max(1.0, self._limit * times)
