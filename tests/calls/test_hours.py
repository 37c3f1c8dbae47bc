"""When a system is open: by the day of the week, the clock of Beijing, and the calendar."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.hours import ALWAYS, Hours, Span
from gateway.office_hours import OFFICE_TIME
from gateway.working_days import WorkingDays

WEEK = frozenset({1, 2, 3, 4, 5})
OFFICE = Hours((Span(WEEK, time(13), time(17)), Span(WEEK, time(8), time(12))))
NIGHTS = Hours((Span(frozenset({5}), time(20), time(6)),))
# The National Day of 2026: off from Thursday 1 to Wednesday 7 October, made up for on Saturday 10.
DAYS = WorkingDays({date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True})
OBSERVING = Hours(OFFICE.spans, DAYS)
FRIDAY = date(2026, 9, 4)

CASES = [
    (OFFICE, (FRIDAY, time(7, 59)), (FRIDAY, time(8))),
    (OFFICE, (FRIDAY, time(8)), (FRIDAY, time(8))),
    (OFFICE, (FRIDAY, time(11, 59)), (FRIDAY, time(11, 59))),
    (OFFICE, (FRIDAY, time(12)), (FRIDAY, time(13))),
    (OFFICE, (FRIDAY, time(17)), (date(2026, 9, 7), time(8))),
    (NIGHTS, (FRIDAY, time(12)), (FRIDAY, time(20))),
    (NIGHTS, (date(2026, 9, 5), time(5, 59)), (date(2026, 9, 5), time(5, 59))),
    (NIGHTS, (date(2026, 9, 5), time(6)), (date(2026, 9, 11), time(20))),
    (OFFICE, (date(2026, 10, 1), time(9)), (date(2026, 10, 1), time(9))),
    (OBSERVING, (date(2026, 9, 30), time(18)), (date(2026, 10, 8), time(8))),
    (OBSERVING, (date(2026, 10, 10), time(9)), (date(2026, 10, 10), time(9))),
    (OBSERVING, (date(2026, 10, 11), time(9)), (date(2026, 10, 12), time(8))),
]


@pytest.mark.parametrize(("hours", "now", "opens"), CASES)
def test_the_next_opening_is_found(
    hours: Hours, now: tuple[date, time], opens: tuple[date, time]
) -> None:
    assert hours.next_opening(local(*now)) == local(*opens)


def test_without_hours_it_is_always_open_and_with_none_to_come_it_never_opens() -> None:
    now = local(FRIDAY, time(3))
    assert ALWAYS.next_opening(now) == now
    never = WorkingDays({FRIDAY + timedelta(days=n): False for n in range(-2, 400)})
    assert Hours(OFFICE.spans, never).next_opening(now) is None


@given(
    st.lists(
        st.builds(Span, st.frozensets(st.integers(1, 7), min_size=1), st.times(), st.times()),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 365 * 24 * 60),
    st.booleans(),
)
def test_it_is_open_at_its_next_opening_and_not_a_moment_before(
    spans: list[Span], minutes: int, observed: bool
) -> None:
    hours = Hours(tuple(spans), WorkingDays() if observed else None)
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = hours.next_opening(now)
    if opens is None:
        return
    assert hours.open_at(opens)
    if opens > now:
        assert not hours.open_at(now)
        assert not hours.open_at(max(now, opens - timedelta(microseconds=1)))


def local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, OFFICE_TIME).astimezone(UTC)
