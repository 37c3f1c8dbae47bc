"""Text ids that are unique, sort by the time they were given, and tell nothing else."""

from collections.abc import Callable

from gateway.clock import Clock

_COUNTER_LIMIT = 1 << 12
_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62


class Identifiers:
    """Gives UUIDs of version 7 (RFC 9562) as 32 hexadecimal digits, each above the one before.

    Within a millisecond a counter orders them; where the clock stands still or goes back, the ids
    go on from the latest time seen.
    """

    def __init__(self, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        """Take the time from `clock` and 62 bits an id from `random_bytes`."""
        self._clock = clock
        self._random_bytes = random_bytes
        self._milliseconds = 0
        self._counter = 0

    def __call__(self) -> str:
        """The next id."""
        now = int(self._clock.now().timestamp() * 1000)
        if now > self._milliseconds:
            self._milliseconds, self._counter = now, 0
        else:
            self._count_on()
        chance = int.from_bytes(self._random_bytes(8), "big") >> 2
        high = self._milliseconds << 80 | _VERSION | self._counter << 64
        return f"{high | _VARIANT | chance:032x}"

    def _count_on(self) -> None:
        self._counter += 1
        if self._counter == _COUNTER_LIMIT:
            self._milliseconds, self._counter = self._milliseconds + 1, 0
