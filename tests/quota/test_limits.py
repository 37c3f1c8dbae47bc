"""In which windows an instant counts: hours and days of Asia/Shanghai, contracts, their edges."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.quota.limits import EDGE, Limit, Limits, Period, Window

NOON = datetime(2026, 9, 1, 4, tzinfo=UTC)  # twelve o'clock there
MIDNIGHT = datetime(2026, 9, 1, 16, tzinfo=UTC)  # the second of September begins there
SECOND = timedelta(seconds=1)
DAILY = Limits((Limit(5000, Period.DAY),))
YEARS = timedelta(days=9000)
INSTANTS = st.timedeltas(-YEARS, YEARS).map(lambda span: NOON + span)


def starts(limits: Limits, now: datetime) -> list[datetime]:
    return sorted(window.starts_at for window in limits.windows(now))


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    day = Window(Period.DAY, MIDNIGHT - timedelta(days=1), MIDNIGHT, 5000)
    assert DAILY.windows(NOON) == {day}


@pytest.mark.parametrize(
    ("seconds", "days"), [(-6, 1), (-5, 2), (-1, 2), (0, 2), (4, 2), (5, 1), (6, 1)]
)
def test_around_midnight_a_call_counts_in_both_days(seconds: int, days: int) -> None:
    assert len(DAILY.windows(MIDNIGHT + seconds * SECOND)) == days


def test_an_hour_is_one_by_the_clock() -> None:
    hourly = Limits((Limit(900, Period.HOUR),))
    at = NOON + timedelta(minutes=59)
    assert hourly.windows(at) == {
        Window(Period.HOUR, NOON, NOON + timedelta(hours=1), 900),
    }


@given(INSTANTS, st.sampled_from([Period.HOUR, Period.DAY]))
def test_every_instant_near_now_lies_in_a_window_that_is_counted(
    now: datetime, period: Period
) -> None:
    limits = Limits((Limit(7, period),))
    counted = limits.windows(now)
    for offset in (-EDGE, timedelta(0), EDGE):
        (window,) = limits.windows_at(now + offset)
        assert window in counted
        assert window.ends_at is not None
        assert window.starts_at <= now + offset < window.ends_at


def test_the_pace_is_the_smallest_agreed_and_no_window() -> None:
    limits = Limits((Limit(10, Period.SECOND), Limit(7, Period.SECOND)))
    assert limits.a_second == 7
    assert limits.windows(NOON) == frozenset()
    assert Limits().a_second is None


YEAR = Limit(100, Period.CONTRACT, NOON, NOON + timedelta(days=365))
NEXT_YEAR = Limit(200, Period.CONTRACT, YEAR.ends)


def test_a_contract_counts_while_it_runs() -> None:
    in_it = NOON + timedelta(days=9)
    assert Limits((YEAR,)).windows(in_it) == {Window(Period.CONTRACT, NOON, YEAR.ends, 100)}
    assert Limits((YEAR,)).without_contract_until(in_it) is None


def test_before_a_contract_nothing_may_leave_until_it_has_surely_begun() -> None:
    assert Limits((YEAR,)).without_contract_until(NOON - SECOND) == NOON + EDGE
    assert Limits((YEAR,)).without_contract_until(NOON + SECOND) == NOON + EDGE
    assert Limits((YEAR,)).without_contract_until(NOON + EDGE) is None


def test_after_the_last_contract_nothing_may_leave_any_more() -> None:
    assert YEAR.ends is not None
    over = Limits((YEAR,)).without_contract_until(YEAR.ends - SECOND)
    assert over == datetime.max.replace(tzinfo=UTC)


def test_one_contract_follows_on_another_without_a_gap() -> None:
    limits = Limits((YEAR, NEXT_YEAR))
    assert YEAR.ends is not None
    assert limits.without_contract_until(YEAR.ends) is None
    assert starts(limits, YEAR.ends) == [NOON, YEAR.ends]


def test_where_no_contract_was_agreed_none_is_missed() -> None:
    assert DAILY.without_contract_until(NOON) is None
