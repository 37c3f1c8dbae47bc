"""How many calls at once: as many as it bears, found again after a bad spell; and how fast."""

import pytest

from gateway.calls.limit import Limit
from gateway.calls.pace import GROWTH, LEAST_A_SECOND, TIMES_BEFORE, Pace


def spend(limit: Limit, bears: int, calls: int, at: float = 0.0) -> float:
    """Keep the limit's number of calls under way at a system that queues beyond what it bears."""
    for _ in range(calls):
        seconds = 0.1 * max(1.0, (limit.now / bears) ** 2)
        at += seconds / limit.now
        limit.learn("find", seconds, failed=False, under_way=limit.now, at=at)
    return at


def test_it_falls_to_what_a_slowing_system_bears_and_stays_near() -> None:
    limit = Limit(64)
    limit.learn("find", 0.1, failed=False, under_way=1, at=0.0)
    at = spend(limit, 8, 2000, at=0.1)
    assert 8 <= limit.now <= 20
    spend(limit, 8, 500, at)
    assert 8 <= limit.now <= 20


def test_failures_bring_it_down_to_one_and_quick_answers_up_again() -> None:
    limit = Limit(16)
    for step in range(40):
        limit.learn("find", 0.1, failed=True, under_way=16, at=step * 0.2)
    assert limit.now == 1
    spend(limit, 100, 400, at=100.0)
    assert limit.now == 16


def test_many_failures_of_one_moment_are_one_step_down() -> None:
    limit = Limit(10)
    for _ in range(10):
        limit.learn("find", 1.0, failed=True, under_way=10, at=5.0)
    assert limit.now == 7


def test_long_questions_are_not_held_against_short_ones() -> None:
    limit = Limit(8)
    for at in range(100):
        limit.learn("short", 0.01, failed=False, under_way=1, at=float(at))
        limit.learn("long", 1.0, failed=False, under_way=1, at=at + 0.5)
    assert limit.now == 8


def test_the_pace_is_free_until_a_rest_and_then_half_as_fast_again_as_it_was() -> None:
    pace = Pace()
    times = [n / 50.0 for n in range(500)]
    assert all(pace.turn(at, 1.0) == 0.0 for at in times)
    pace.rest()
    waits = [pace.turn(20.0, 100.0) for _ in range(200)]
    leaving = [wait for wait in waits if wait is not None]
    assert len(leaving) == 200
    in_the_first_second = sum(wait < 1.0 for wait in leaving)
    assert in_the_first_second == pytest.approx(TIMES_BEFORE * 50.0, rel=0.1)


def test_who_would_wait_too_long_takes_nobodys_turn() -> None:
    pace = Pace()
    pace.turn(0.0, 1.0)
    pace.rest()
    waits = [pace.turn(10.0, 0.5) for _ in range(1000)]
    allowed = [wait for wait in waits if wait is not None]
    assert max(allowed) <= 0.5
    assert pace.turn(10.5, 0.5) is not None


def test_a_lane_that_never_worked_here_begins_slowly_and_grows() -> None:
    pace = Pace()
    pace.rest()
    left = [10.0 + wait for _ in range(20) if (wait := pace.turn(10.0, 60.0)) is not None]
    assert sum(at < 11.0 for at in left) <= LEAST_A_SECOND + 1
    at, count = 40.0, 0
    while (wait := pace.turn(at, 1.0)) is not None:
        count += 1
        assert wait <= 1.0
    assert count >= LEAST_A_SECOND * GROWTH**20
