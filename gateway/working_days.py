"""Working days by the State Council's calendar, make-up days included, with a dated override."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import holidays


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Counts working days; `overrides` says of single days whether they are worked."""

    overrides: dict[date, bool] = field(default_factory=dict)
    _calendar: holidays.HolidayBase = field(default_factory=lambda: holidays.country_holidays("CN"))

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day."""
        if day in self.overrides:
            return self.overrides[day]
        return self._calendar.is_working_day(day)

    def after(self, day: date, days: int) -> date:
        """The day on which `days` working days after `day` have passed."""
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working(day)
        return day


def load_overrides(path: Path | None) -> dict[date, bool]:
    """The days an operator announced ahead of the calendar: `working = […]`, `off = […]`."""
    if path is None:
        return {}
    announced = tomllib.loads(path.read_text(encoding="utf-8"))
    worked = dict.fromkeys(announced.get("working", []), True)
    return worked | dict.fromkeys(announced.get("off", []), False)
