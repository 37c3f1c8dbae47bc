"""Hours, quotas and balances of simulated systems, on a clock that is moved by hand."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulation.terms import (
    Agreement,
    OpeningHours,
    Refusal,
    Terms,
    UnknownStanding,
)

OFFICE = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 9, 2, 12, tzinfo=OFFICE)
WEEKDAYS = frozenset({1, 2, 3, 4, 5})
BY_DAY = OpeningHours(days=WEEKDAYS, opens=time(9), closes=time(17))
BY_NIGHT = OpeningHours(days=WEEKDAYS, opens=time(22), closes=time(6))

HOURS = [
    (BY_DAY, "2026-09-02T09:00:00", True),
    (BY_DAY, "2026-09-02T08:59:59", False),
    (BY_DAY, "2026-09-02T16:59:59", True),
    (BY_DAY, "2026-09-02T17:00:00", False),
    (BY_DAY, "2026-09-05T12:00:00", False),
    (BY_NIGHT, "2026-09-02T22:00:00", True),
    (BY_NIGHT, "2026-09-03T05:59:59", True),
    (BY_NIGHT, "2026-09-03T06:00:00", False),
    (BY_NIGHT, "2026-09-05T03:00:00", True),  # Saturday morning ends Friday's night
    (BY_NIGHT, "2026-09-07T03:00:00", False),  # Sunday's night does not begin
]


@pytest.mark.parametrize(("hours", "at", "included"), HOURS)
def test_a_system_is_open_in_its_hours_by_office_time(
    hours: OpeningHours, at: str, included: bool
) -> None:
    local = datetime.fromisoformat(at).replace(tzinfo=OFFICE)
    terms = Terms(Agreement(hours=hours))
    assert terms.admit(local.astimezone(UTC)) is (None if included else Refusal.CLOSED)


WINDOWS: list[tuple[str, timedelta]] = [
    ("per_second", timedelta(seconds=1)),
    ("per_hour", timedelta(hours=1)),
    ("per_day", timedelta(days=1)),
]


@pytest.mark.parametrize(("name", "window"), WINDOWS)
def test_a_quota_is_full_until_its_window_ends(name: str, window: timedelta) -> None:
    agreed: dict[str, Any] = {name: 2}
    terms = Terms(Agreement(**agreed))
    assert [terms.admit(WEDNESDAY) for _ in range(4)] == [None, None, Refusal(name), Refusal(name)]
    assert terms.admit(WEDNESDAY + window) is None


def test_the_day_ends_at_midnight_in_china() -> None:
    terms = Terms(Agreement(per_day=1))
    assert terms.admit(datetime(2026, 9, 2, 15, 59, 59, tzinfo=UTC)) is None
    assert terms.admit(datetime(2026, 9, 2, 15, 59, 59, tzinfo=UTC)) is Refusal.DAY_SPENT
    assert terms.admit(datetime(2026, 9, 2, 16, tzinfo=UTC)) is None


def test_a_balance_runs_out_in_the_middle_and_can_be_filled_up() -> None:
    terms = Terms(Agreement(balance=12))
    said = [terms.admit(WEDNESDAY, rows=5) for _ in range(3)]
    assert said == [None, None, Refusal.UNPAID]
    assert terms.show()["balance"] == 2
    assert terms.admit(WEDNESDAY, rows=2) is None
    terms.settle(Agreement(balance=5))
    assert terms.admit(WEDNESDAY, rows=5) is None


def test_what_is_not_named_stays_and_null_lifts() -> None:
    terms = Terms(Agreement(per_day=3, balance=9))
    terms.settle(Agreement.model_validate_json('{"per_day": null}'))
    assert (terms.show()["per_day"], terms.show()["balance"]) == (None, 9)


def test_only_a_known_standing_is_taken() -> None:
    terms = Terms(standings=["locked"])
    terms.settle(Agreement(standing="locked"))
    assert terms.standing == "locked"
    with pytest.raises(UnknownStanding):
        terms.settle(Agreement(standing="elsewhere"))
    assert terms.standing == "locked"


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 5)), max_size=60),
    st.integers(0, 5),
    st.integers(0, 40),
)
def test_no_window_and_no_balance_is_ever_overdrawn(
    calls: list[tuple[int, int]], per_second: int, balance: int
) -> None:
    terms = Terms(Agreement(per_second=per_second, balance=balance))
    admitted: list[tuple[int, int]] = []
    for milliseconds, rows in sorted(calls):
        if terms.admit(WEDNESDAY + timedelta(milliseconds=milliseconds), rows) is None:
            admitted.append((milliseconds // 1000, rows))
    seconds = [second for second, _ in admitted]
    assert all(seconds.count(second) <= per_second for second in seconds)
    assert sum(rows for _, rows in admitted) + terms.show()["balance"] == balance
