"""A quota is never exceeded: by windows, by several processes, by a restart, by giving back."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from gateway.calls.quota import Limit, Limits, Period, Quota
from gateway.calls.quota.limits import EDGE
from gateway.calls.quota.store_pace import SECOND, StorePace
from gateway.clock import VirtualClock
from gateway.database import Database
from tests.quota.conftest import NOON, SYSTEM, Open

MIDNIGHT = NOON + timedelta(hours=12)
DAY = timedelta(days=1)


async def drain(quota: Quota, at_a_time: int = 7) -> int:
    """All calls that may leave at this instant."""
    taken = 0
    while (grant := await quota.take(SYSTEM, at_a_time)).calls:
        taken += grant.calls
    return taken


async def test_what_was_not_agreed_is_not_limited(open_quota: Open) -> None:
    grant = await open_quota().take(SYSTEM, 10**9)
    assert (grant.calls, grant.wait_until) == (10**9, None)
    assert (await open_quota(Limit(1, Period.DAY)).take("preschool", 500)).calls == 500


async def test_a_day_holds_its_calls_and_no_more(open_quota: Open, clock: VirtualClock) -> None:
    quota = open_quota(Limit(50, Period.DAY))
    assert await drain(quota) == 50
    grant = await quota.take(SYSTEM, 1)
    assert grant.wait_until == MIDNIGHT + EDGE
    clock.set(MIDNIGHT + EDGE)
    assert await drain(quota) == 50


async def test_a_grant_of_fewer_says_when_there_will_be_more(open_quota: Open) -> None:
    grant = await open_quota(Limit(50, Period.DAY)).take(SYSTEM, 60)
    assert (grant.calls, grant.wait_until) == (50, MIDNIGHT + EDGE)


async def test_just_before_midnight_a_call_counts_in_both_days(
    open_quota: Open, clock: VirtualClock
) -> None:
    quota = open_quota(Limit(50, Period.DAY))
    clock.set(MIDNIGHT - timedelta(seconds=1))
    assert await drain(quota) == 50
    clock.set(MIDNIGHT + timedelta(hours=1))
    assert await drain(quota) == 0


async def test_the_narrowest_window_decides(open_quota: Open, clock: VirtualClock) -> None:
    quota = open_quota(
        Limit(30, Period.DAY), Limit(20, Period.HOUR), Limit(45, Period.CONTRACT, NOON - DAY)
    )
    assert await drain(quota) == 20
    clock.set(NOON + timedelta(hours=1, minutes=1))
    assert await drain(quota) == 10
    clock.set(MIDNIGHT + timedelta(minutes=1))
    assert await drain(quota) == 15


async def test_without_a_contract_that_runs_nothing_leaves(
    open_quota: Open, clock: VirtualClock
) -> None:
    begins = NOON + timedelta(minutes=10)
    quota = open_quota(Limit(9, Period.CONTRACT, begins, begins + DAY))
    grant = await quota.take(SYSTEM, 1)
    assert (grant.calls, grant.wait_until) == (0, begins + EDGE)
    clock.set(begins + EDGE)
    assert await drain(quota) == 9
    clock.set(begins + DAY)
    grant = await quota.take(SYSTEM, 1)
    assert (grant.calls, grant.wait_until) == (0, clock.now() + timedelta(hours=1))


async def test_a_restart_does_not_refill(open_quota: Open) -> None:
    agreed, taken = Limit(500, Period.DAY), 0
    for _ in range(40):  # forty processes that die with what they had in reserve
        taken += (await open_quota(agreed).take(SYSTEM, 3)).calls
    taken += await drain(open_quota(agreed))
    assert taken < 500
    assert await drain(open_quota(agreed)) == 0


async def test_an_orderly_end_gives_back_what_was_in_reserve(open_quota: Open) -> None:
    agreed, taken = Limit(500, Period.DAY), 0
    for _ in range(40):
        quota = open_quota(agreed)
        taken += (await quota.take(SYSTEM, 3)).calls
        await quota.close()
    assert taken + await drain(open_quota(agreed)) == 500


async def test_what_a_process_holds_over_an_hour_is_not_lost_to_the_day(
    open_quota: Open, clock: VirtualClock
) -> None:
    quota = open_quota(Limit(1000, Period.DAY), Limit(400, Period.HOUR))
    taken = 0
    for _ in range(5):
        taken += (await quota.take(SYSTEM, 1)).calls
        clock.advance(3600)
    clock.advance(60)
    assert taken + await drain(quota) == 5 + 400
    clock.advance(3600)
    assert await drain(quota) == 400
    clock.advance(3600)
    assert await drain(quota) == 1000 - 805


async def test_processes_side_by_side_share_to_the_last_call(open_quota: Open) -> None:
    agreed = Limit(300, Period.DAY)
    taken = await asyncio.gather(*(drain(open_quota(agreed), 1) for _ in range(4)))
    assert sum(taken) == 300


async def test_what_was_given_back_can_be_had_again(open_quota: Open) -> None:
    quota = open_quota(Limit(50, Period.DAY), Limit(40, Period.SECOND))
    await quota.give_back(await quota.take(SYSTEM, 30), 20)
    assert (await quota.take(SYSTEM, 40)).calls == 30
    assert (await quota.take(SYSTEM, 40)).calls == 0


async def test_nobody_can_give_back_more_than_was_granted(open_quota: Open) -> None:
    quota = open_quota(Limit(50, Period.DAY))
    await quota.give_back(await quota.take(SYSTEM, 10), 999)
    await quota.give_back(await quota.take(SYSTEM, 10), -5)
    assert await drain(quota) == 40


async def test_what_is_given_back_a_day_later_counts_for_its_own_day(
    open_quota: Open, clock: VirtualClock
) -> None:
    quota = open_quota(Limit(50, Period.DAY), Limit(95, Period.CONTRACT, NOON - DAY))
    grant = await quota.take(SYSTEM, 50)
    clock.advance(24 * 3600)
    taken = (await quota.take(SYSTEM, 1)).calls
    await quota.give_back(grant, 10)
    assert taken + await drain(quota) == 50
    clock.advance(24 * 3600)
    assert await drain(quota) == 95 - 40 - 50


async def test_a_second_holds_its_calls_and_no_more(open_quota: Open, clock: VirtualClock) -> None:
    one, other = open_quota(Limit(10, Period.SECOND)), open_quota(Limit(10, Period.SECOND))
    assert (await one.take(SYSTEM, 6)).calls == 6
    clock.advance(0.5)
    grant = await other.take(SYSTEM, 6)
    assert (grant.calls, grant.wait_until) == (4, NOON + SECOND)
    clock.set(NOON + SECOND)
    assert (await one.take(SYSTEM, 10)).calls == 6


async def test_a_call_the_pace_held_up_is_not_spent(open_quota: Open, clock: VirtualClock) -> None:
    quota = open_quota(Limit(10, Period.SECOND), Limit(15, Period.DAY))
    assert (await quota.take(SYSTEM, 15)).calls == 10
    clock.advance(2)
    assert (await quota.take(SYSTEM, 15)).calls == 5


async def test_a_clock_that_is_set_back_refills_nothing(
    open_quota: Open, clock: VirtualClock
) -> None:
    quota = open_quota(Limit(20, Period.DAY), Limit(20, Period.SECOND))
    assert await drain(quota) == 20
    clock.set(MIDNIGHT + timedelta(minutes=1))
    assert await drain(quota) == 20
    clock.set(NOON)
    assert await drain(quota) == 0


async def test_a_process_sees_its_own_reserve_as_left(open_quota: Open, database: Database) -> None:
    agreed = (Limit(500, Period.DAY), Limit(9, Period.SECOND))
    mine, other = open_quota(*agreed), open_quota(*agreed)
    await mine.take(SYSTEM, 3)
    async with database.reading() as connection:
        left = await mine.left(connection, SYSTEM)
        seen = await other.left(connection, SYSTEM)
        nothing = await mine.left(connection, "preschool")
    assert (left["day"].limit, left["day"].spent, left["day"].resets_at) == (500, 3, MIDNIGHT)
    assert left["second"].limit == 9
    assert seen["day"].spent > 3
    assert nothing == {}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 2), st.integers(1, 40)),
        st.tuples(st.just("give"), st.integers(0, 2), st.integers(1, 40)),
        st.tuples(st.just("restart"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("end"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("wait"), st.just(0), st.sampled_from([0, 1, 1800, 3000, 43190])),
    ),
    max_size=40,
)


@pytest.mark.parametrize("kind", ["sqlite"])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_whatever_happens_no_window_is_exceeded(
    kind: str, steps: list[tuple[str, int, int]], migrated_sqlite_url: str
) -> None:
    from gateway.database import open_database

    database, clock = open_database(migrated_sqlite_url), VirtualClock(NOON)
    async with database.transaction() as connection:
        for table in ("reserved_calls", "paced_calls"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")
    await Walk(database, clock).take(steps)
    await database.close()


class Walk:
    """Processes that take, give back, die and end while time passes; counts what they kept."""

    AGREED = Limits(
        (
            Limit(150, Period.HOUR),
            Limit(400, Period.DAY),
            Limit(700, Period.CONTRACT, NOON - DAY),
            Limit(60, Period.SECOND),
        )
    )

    def __init__(self, database: Database, clock: VirtualClock) -> None:
        self.database, self.clock, self.ids = database, clock, 0
        self.quotas = [self.quota() for _ in range(3)]
        self.kept: dict[object, int] = {}

    def quota(self) -> Quota:
        pace = StorePace(self.database, self.clock)
        return Quota(self.database, self.clock, self.new_id, {SYSTEM: self.AGREED}, pace)

    def new_id(self) -> str:
        self.ids += 1
        return str(self.ids)

    async def take(self, steps: list[tuple[str, int, int]]) -> None:
        for step, process, size in steps:
            if step in ("take", "give"):
                grant = await self.quotas[process].take(SYSTEM, size)
                unused = min(grant.calls, size // 2) if step == "give" else 0
                await self.quotas[process].give_back(grant, unused)
                self.count(grant.calls - unused)
            elif step == "wait":
                self.clock.advance(size)
            else:
                if step == "end":
                    await self.quotas[process].close()
                self.quotas[process] = self.quota()

    def count(self, calls: int) -> None:
        for window in self.AGREED.windows(self.clock.now()):
            self.kept[window] = self.kept.get(window, 0) + calls
            assert self.kept[window] <= window.limit
        second = self.clock.now()
        self.kept[second] = self.kept.get(second, 0) + calls
        assert self.kept[second] <= 60


PACED = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([1, 5, 20, 60]), st.sampled_from([0, 0.2, 0.9])),
    max_size=40,
)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=PACED)
async def test_no_second_whatever_its_beginning_holds_one_call_too_many(
    steps: list[tuple[int, int, float]], migrated_sqlite_url: str
) -> None:
    from gateway.database import open_database

    database, clock = open_database(migrated_sqlite_url), VirtualClock(NOON)
    async with database.transaction() as connection:
        await connection.exec_driver_sql("DELETE FROM paced_calls")
    paces, left = [StorePace(database, clock) for _ in range(3)], []
    for number, (process, calls, wait) in enumerate(steps):
        allowed = await paces[process].take(SYSTEM, 60, calls, str(number))
        left += [clock.now()] * allowed.calls
        assert sum(clock.now() - at < SECOND for at in left) <= 60
        clock.advance(wait)
    await database.close()


async def test_a_call_taken_ahead_counts_from_when_it_may_leave_at_the_latest(
    database: Database, clock: VirtualClock
) -> None:
    one, other = StorePace(database, clock), StorePace(database, clock)
    await one.take(SYSTEM, 60, 20, "a")
    clock.advance(0.25)
    assert (await one.take(SYSTEM, 60, 5, "b")).calls == 5
    clock.advance(0.85)
    assert (await other.take(SYSTEM, 60, 60, "c")).calls == 55
    clock.advance(0.25)
    assert (await other.take(SYSTEM, 60, 60, "d")).calls == 5


async def test_a_call_taken_ahead_does_not_leave_too_late(
    database: Database, clock: VirtualClock
) -> None:
    one, other = StorePace(database, clock), StorePace(database, clock)
    await one.take(SYSTEM, 60, 20, "a")
    clock.advance(1.36)
    assert (await other.take(SYSTEM, 60, 60, "b")).calls == 60
    assert (await one.take(SYSTEM, 60, 5, "c")).calls == 0


async def test_most_calls_of_a_calm_lane_do_not_go_to_the_store(
    database: Database, clock: VirtualClock
) -> None:
    pace, commits = StorePace(database, clock), []
    event.listen(database.engine.sync_engine, "commit", commits.append)
    for number in range(40):  # twenty a second, where a hundred are agreed
        assert (await pace.take(SYSTEM, 100, 1, str(number))).calls == 1
        clock.advance(0.05)
    assert len(commits) <= 10
