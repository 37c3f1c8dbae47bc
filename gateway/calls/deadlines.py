"""An instant after which nothing is sent any more, handed down so that all below share it."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant by the running loop's own clock, which no correction of the time can move."""

    at: float

    @property
    def remaining(self) -> float:
        """The seconds left, never negative."""
        return max(0.0, self.at - asyncio.get_running_loop().time())

    def within(self, seconds: float) -> "Deadline":
        """This deadline, or the one `seconds` from now where that is earlier."""
        return min(self, after(seconds), key=lambda deadline: deadline.at)


def after(seconds: float) -> Deadline:
    """The deadline `seconds` from now."""
    return Deadline(asyncio.get_running_loop().time() + seconds)
