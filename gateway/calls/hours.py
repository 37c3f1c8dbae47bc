"""When a system is open: weekly hours on its own clock, holidays observed where it observes them.

A make-up day (调休上班) on a weekend has the hours of a Monday; a span that closes no later than it
opens ends on the following day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.office_hours import OFFICE_TIME
from gateway.working_days import WorkingDays

LOOK_AHEAD_DAYS = 60  # longer than any holiday
_MONDAY = 1


@dataclass(frozen=True, slots=True)
class Span:
    """Open on these days of the week (1 is Monday) from `opens` until just before `closes`."""

    days: frozenset[int]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Hours:
    """A system's opening hours; without spans it is always open."""

    spans: tuple[Span, ...] = ()
    working_days: WorkingDays | None = None  # where given, closed on every day off

    def open_at(self, now: datetime) -> bool:
        """Whether the system is open at this instant."""
        return self.next_opening(now) == now

    def next_opening(self, now: datetime) -> datetime | None:
        """The first instant from now on at which it is open, this one included; None for never."""
        if not self.spans:
            return now
        today = now.astimezone(OFFICE_TIME).date()
        for offset in range(-1, LOOK_AHEAD_DAYS):
            spans = self._on(today + timedelta(days=offset))
            openings = [max(opens, now) for opens, closes in spans if closes > now]
            if openings:
                return min(openings)
        return None

    def openings(self, day: date) -> list[tuple[datetime, datetime]]:
        """The spans that open on this day; the whole day where it is always open."""
        if self.spans:
            return list(self._on(day))
        midnight = _instant(day, time())
        return [(midnight, midnight + timedelta(days=1))]

    def _on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans that open on this day, as instants."""
        weekday = self._weekday(day)
        for span in self.spans:
            if weekday in span.days:
                ends_on = day if span.closes > span.opens else day + timedelta(days=1)
                yield _instant(day, span.opens), _instant(ends_on, span.closes)

    def _weekday(self, day: date) -> int | None:
        """Which day's hours count; None on a day off that is observed."""
        if self.working_days is None:
            return day.isoweekday()
        if not self.working_days.is_working(day):
            return None
        made_up = day.isoweekday() > 5 and not any(day.isoweekday() in s.days for s in self.spans)
        return _MONDAY if made_up else day.isoweekday()


ALWAYS = Hours()


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, OFFICE_TIME).astimezone(UTC)
