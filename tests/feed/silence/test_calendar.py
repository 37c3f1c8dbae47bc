"""Patience is measured by the hour, the day of the week, and the holidays."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.feed.silence.calendar import Calendar, Expected
from gateway.working_days import WorkingDays

HERE = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OFFICE = Expected(frozenset({1, 2, 3, 4, 5}), 8, 18, 15 * MINUTE)
CALENDAR = Calendar((OFFICE,), 12 * HOUR, 240 * HOUR, WorkingDays().is_working)


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "every"),
    [
        ("2026-11-20T08:00", 15 * MINUTE),  # Friday
        ("2026-11-20T17:59", 15 * MINUTE),
        ("2026-11-20T18:00", 12 * HOUR),
        ("2026-11-20T07:59", 12 * HOUR),
        ("2026-11-21T10:00", 12 * HOUR),  # Saturday
        ("2026-10-01T10:00", 240 * HOUR),  # National Day, a Thursday
        ("2026-10-10T10:00", 15 * MINUTE),  # a Saturday that is worked for it
    ],
)
def test_how_often_depends_on_the_hour_and_the_day(at: str, every: timedelta) -> None:
    assert CALENDAR.every(here(at)) == every


@pytest.mark.parametrize(
    ("last", "now", "overdue"),
    [
        ("2026-11-20T10:00", "2026-11-20T10:15", False),
        ("2026-11-20T10:00", "2026-11-20T10:16", True),
        ("2026-11-19T17:55", "2026-11-20T01:50", False),  # a third was used up by six
        ("2026-11-19T17:55", "2026-11-20T02:10", True),
        ("2026-11-19T20:00", "2026-11-20T07:55", False),
        ("2026-11-20T07:30", "2026-11-20T08:10", False),
        ("2026-11-20T07:30", "2026-11-20T08:15", True),
        ("2026-09-30T17:58", "2026-10-01T09:00", False),
        ("2025-01-01T00:00", "2026-11-20T10:00", True),
    ],
)
def test_silence_is_measured_by_what_was_expected_meanwhile(
    last: str, now: str, overdue: bool
) -> None:
    assert CALENDAR.is_overdue(here(last), here(now)) is overdue


@given(
    st.timedeltas(timedelta(), timedelta(days=300)).map(
        lambda days: here("2026-01-01T00:00") + days
    ),
    st.timedeltas(timedelta(), timedelta(days=5)),
    st.timedeltas(timedelta(), timedelta(days=5)),
)
def test_whoever_is_overdue_stays_so_until_it_asks(
    last: datetime, some: timedelta, more: timedelta
) -> None:
    if CALENDAR.is_overdue(last, last + some):
        assert CALENDAR.is_overdue(last, last + some + more)
    assert not CALENDAR.is_overdue(last, last)


def test_one_measure_alone_is_just_that_long() -> None:
    plain = Calendar((), HOUR, HOUR, lambda day: day != date(2026, 1, 1))
    start = datetime(2026, 11, 20, 1, 23, 45, tzinfo=UTC)
    assert not plain.is_overdue(start, start + HOUR - timedelta(seconds=1))
    assert plain.is_overdue(start, start + HOUR + timedelta(seconds=1))
