"""What time it is, as something handed in: the system's clock, or one a test moves by hand."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant as the machine knows it."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self.set(start)

    def now(self) -> datetime:
        """The instant the clock was last moved to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on, or back where `seconds` is negative."""
        self._now += timedelta(seconds=seconds)

    def set(self, instant: datetime) -> None:
        """Move the clock to an instant; one without a time zone is refused."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._now = instant.astimezone(UTC)
