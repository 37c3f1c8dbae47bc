"""The time a simulator lives in: the machine's own, or one that was set from outside."""

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict


class ClockSetting(BaseModel):
    """What may be said to a clock: stand still at an instant, or move; nothing lets it run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime | None = None
    advance_seconds: float = 0.0


class SimulatorClock:
    """Runs with the machine's time until it is set; then stands still until it is moved."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self._at or datetime.now(UTC)

    def set(self, setting: ClockSetting) -> None:
        """Stand still at the instant given, moved by the seconds given; empty: run again."""
        if setting == ClockSetting():
            self._at = None
            return
        start = setting.at.astimezone(UTC) if setting.at else self.now()
        self._at = start + timedelta(seconds=setting.advance_seconds)
