"""A failed delivery comes back when the schedule says, or when the subscriber asked for it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.feed.pushing.outcomes import Fate, fate_of
from gateway.feed.pushing.schedule import asked_time, load_schedule

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SCHEDULE = load_schedule()
HOURS = 3600.0


def test_the_shipped_waits_are_those_of_standard_webhooks() -> None:
    hours = [2, 5, 10, 14, 20, 24]
    assert SCHEDULE.waits == (5, 300, 1800, *(one * HOURS for one in hours))
    assert SCHEDULE.attempts == 10


@given(st.integers(1, 40), st.floats(0, 1, exclude_max=True))
def test_a_wait_moves_by_a_tenth_at_most_and_the_last_one_repeats(
    failures: int, chance: float
) -> None:
    planned = SCHEDULE.waits[min(failures, 9) - 1]
    waited = (SCHEDULE.next_at(failures, NOW, chance, None) - NOW).total_seconds()
    assert planned * 0.9 - 0.001 <= waited <= planned * 1.1 + 0.001


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Tue, 01 Sep 2026 00:02:00 GMT", 120),
        ("2", 5),
        ("999999999999", 24 * HOURS),
        ("Tue, 01 Sep 2099 00:02:00 GMT", 24 * HOURS),
        ("soon", 5),
        ("-3", 5),
        ("١٢٠", 5),
    ],
)
def test_who_asks_for_a_later_time_is_asked_then(said: str, seconds: float) -> None:
    asked = asked_time([("Retry-After", said)], NOW)
    assert SCHEDULE.next_at(1, NOW, 0.5, asked) == NOW + timedelta(seconds=seconds)


def test_two_wishes_are_none() -> None:
    assert asked_time([("retry-after", "9"), ("retry-after", "99")], NOW) is None


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (200, Fate.ACCEPTED),
        (299, Fate.ACCEPTED),
        (301, Fate.AWAY),
        (304, Fate.AWAY),
        (308, Fate.AWAY),
        (400, Fate.REFUSED),
        (401, Fate.AWAY),
        (404, Fate.AWAY),
        (410, Fate.GONE),
        (422, Fate.REFUSED),
        (429, Fate.AWAY),
        (500, Fate.BROKEN),
        (503, Fate.AWAY),
    ],
)
def test_a_status_says_whose_trouble_it_is(status: int, fate: Fate) -> None:
    assert fate_of(status) is fate
