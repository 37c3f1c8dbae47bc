"""How often a subscriber is expected to ask: by the hour and the day of the week, and on holidays.

Expectations change over a day: patience is used up by each hour's own measure, so that a quiet
night counts little and a quarter of an hour in the morning counts whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_HERE = ZoneInfo("Asia/Shanghai")
_MONDAY, _SATURDAY = 1, 6
_HOUR = timedelta(hours=1)
_FURTHEST = timedelta(days=60)  # who was silent for longer is silent by any calendar


@dataclass(frozen=True, slots=True)
class Expected:
    """On these days of the week (1 is Monday), from one hour until before another: this often."""

    days: frozenset[int]
    from_hour: int
    to_hour: int
    every: timedelta


@dataclass(frozen=True, slots=True)
class Calendar:
    """The first expectation that fits an hour counts, else `otherwise`.

    A holiday on a weekday has its own; a make-up day at a weekend is like a Monday.
    """

    expected: tuple[Expected, ...]
    otherwise: timedelta
    holidays: timedelta
    is_working: Callable[[date], bool]

    def every(self, at: datetime) -> timedelta:
        """How often somebody is expected to ask at this instant."""
        here = at.astimezone(_HERE)
        day, working = here.isoweekday(), self.is_working(here.date())
        if day < _SATURDAY and not working:
            return self.holidays
        day = _MONDAY if day >= _SATURDAY and working else day  # a make-up day
        for span in self.expected:
            if day in span.days and span.from_hour <= here.hour < span.to_hour:
                return span.every
        return self.otherwise

    def is_overdue(self, last: datetime, now: datetime) -> bool:
        """Whether somebody who asked last then should have asked again by now."""
        if now - last > _FURTHEST:
            return True
        used, at = 0.0, last
        while at < now and used <= 1.0:
            until = min(now, _next_hour(at))
            used += (until - at) / self.every(at)
            at = until
        return used > 1.0


def _next_hour(at: datetime) -> datetime:
    # Hours begin together all over the country's one zone, eight full hours ahead of ours.
    return at.replace(minute=0, second=0, microsecond=0) + _HOUR
