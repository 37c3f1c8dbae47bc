"""Office hours: working days, by the clock of Asia/Shanghai."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from gateway.working_days import WorkingDays

OFFICE_TIME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When offices work: working days, from `opens` until just before `closes`."""

    working_days: WorkingDays
    opens: time
    closes: time

    def covers(self, now: datetime) -> bool:
        """Whether offices work at this instant."""
        local = now.astimezone(OFFICE_TIME)
        open_now = self.opens <= local.time() < self.closes
        return open_now and self.working_days.is_working(local.date())
