"""Calls of several processes on one store: one probe, one alarm, a stop that everybody heeds."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from contracts.errors import Closed, NotEntitled, SystemFailure, TooMany, Unavailable
from gateway.calls.call import NotSent
from gateway.calls.hours import Hours, Span
from gateway.calls.lanes import FIRST_REST_SECONDS, LONGEST_REST_SECONDS
from gateway.calls.outcomes import IN_A_ROW
from gateway.calls.quota import Limit, Limits, Period, Quota
from gateway.calls.quota.store_pace import StorePace
from gateway.calls.tables import open_calls
from gateway.clock import VirtualClock
from gateway.database import Database, open_database
from gateway.evidence import Actor
from gateway.evidence.tables import entries
from tests.calls.desk import SYSTEM, Desk, open_desk
from tests.calls.upstream import Upstream, upstream

START = datetime(2026, 9, 3, 2, tzinfo=UTC)  # Thursday, ten in the morning in Beijing
OPERATOR = Actor(caller="test", user="operator", role="operator", institution="")
AWAY = Unavailable(SYSTEM, "check", "deadline")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
async def system() -> AsyncIterator[Upstream]:
    async with upstream(seconds=0.02) as opened:
        yield opened


@pytest.fixture
async def desks(
    migrated_url: str, system: Upstream, clock: VirtualClock
) -> AsyncIterator[list[Desk]]:
    """Four processes, each with connections and calls of its own."""
    async with AsyncExitStack() as stack:
        url = f"http://127.0.0.1:{system.port}"
        opened = []
        for _ in range(4):
            database = open_database(migrated_url)
            stack.push_async_callback(database.close)
            desk = await stack.enter_async_context(open_desk(database, url, clock=clock))
            opened.append(desk)
        yield opened


async def test_when_the_rest_is_over_one_probe_leaves_from_all_processes_together(
    desks: list[Desk], system: Upstream, clock: VirtualClock
) -> None:
    await fail(desks[0])
    assert Counter(await everywhere(desks, 3)) == {"failing": 12}
    assert system.asked_at == []
    clock.advance(FIRST_REST_SECONDS)
    assert {(await desk.room(5)).calls for desk in desks} == {1}
    assert Counter(await everywhere(desks, 3)) == {"failing": 11, "": 1}
    assert len(system.asked_at) == 1
    assert Counter(await everywhere(desks, 3)) == {"": 12}


async def test_a_probe_that_fails_lengthens_the_rest_for_everybody(
    desks: list[Desk], clock: VirtualClock
) -> None:
    await fail(desks[0])
    for _ in range(6):
        clock.advance(LONGEST_REST_SECONDS)
        await desks[1].exchange(desks[1].saying(AWAY))
    clock.advance(LONGEST_REST_SECONDS - 0.1)
    assert Counter(await everywhere(desks, 1)) == {"failing": 4}
    room = await desks[2].room(5)
    assert room.calls == 0
    assert room.wait_until == clock.now() + timedelta(seconds=0.1)


async def test_the_probe_of_a_process_that_died_is_given_to_another(
    desks: list[Desk], clock: VirtualClock
) -> None:
    await fail(desks[0])
    clock.advance(FIRST_REST_SECONDS)
    await desks[1].asked(desks[1].call())
    clock.advance(30)
    assert Counter(await everywhere(desks, 1)) == {"failing": 4}
    clock.advance(60)
    assert Counter(await everywhere(desks, 1)) == {"failing": 3, "": 1}


async def test_one_operation_that_fails_leaves_the_others_alone(desks: list[Desk]) -> None:
    await fail(desks[0], "create")
    assert Counter(await everywhere(desks, 1)) == {"": 4}
    kept = await desks[1].exchange(desks[1].call("create"))
    assert isinstance(kept[0], NotSent)


async def test_unwelcome_answers_open_nothing(desks: list[Desk]) -> None:
    refusal = TooMany(SYSTEM, "check", "-54")
    answers = await desks[0].exchange(*[desks[0].saying(refusal)] * 60)
    assert answers == [refusal] * 60
    assert Counter(await everywhere(desks, 2)) == {"": 8}


async def test_what_a_system_says_of_itself_holds_at_once_for_calls_that_wait(
    store: Database, system: Upstream, clock: VirtualClock
) -> None:
    url = f"http://127.0.0.1:{system.port}"
    for word, code in (
        (Closed(SYSTEM, "check", "night", retry_after=1800.0), "closed"),
        (NotEntitled(SYSTEM, "check", "-53"), "not_entitled"),
    ):
        async with open_desk(store, url, clock=clock, at_once=1) as desk:
            calls = [desk.saying(word), *(desk.call() for _ in range(5))]
            first, *rest = await desk.exchange(*calls)
            assert first is word
            assert {reason(answer) for answer in rest} == {"closed"}
            assert system.asked_at == []
            assert {reason(answer) for answer in await desk.exchange(desk.call())} == {code}
        clock.advance(1801)
    assert await told(store, "lane.stopped") == 1


async def test_a_stop_beats_what_is_queued_within_a_second_and_resuming_lets_it_go(
    migrated_url: str, system: Upstream
) -> None:
    system.seconds = 0.2
    url = f"http://127.0.0.1:{system.port}"
    async with AsyncExitStack() as stack:
        databases = [open_database(migrated_url) for _ in range(2)]
        for database in databases:
            stack.push_async_callback(database.close)
        working = await stack.enter_async_context(open_desk(databases[0], url, at_once=2))
        other = await stack.enter_async_context(open_desk(databases[1], url))
        calls = [working.call() for _ in range(40)]
        queued = asyncio.ensure_future(working.exchange(*calls))
        while len(system.asked_at) < 2:
            await asyncio.sleep(0.01)
        async with other.database.transaction() as connection:
            assert await other.calls.stop(connection, SYSTEM, OPERATOR, "maintenance")
        stopped_at = asyncio.get_running_loop().time()
        answers = await queued
        assert max(system.asked_at) <= stopped_at + 1.0
        kept = Counter(reason(answer) for answer in answers)
        assert kept["stopped"] == 40 - len(system.asked_at) >= 20
        assert (await working.room(10)).calls == 0
        assert (await working.room(10)).wait_until is None
        async with other.database.transaction() as connection:
            assert await other.calls.resume(connection, SYSTEM, OPERATOR)
        assert Counter(map(reason, await working.exchange(working.call()))) == {"": 1}


async def test_what_is_kept_back_is_neither_recorded_nor_open(desks: list[Desk]) -> None:
    async with desks[0].database.transaction() as connection:
        await desks[0].calls.stop(connection, SYSTEM, OPERATOR, "maintenance")
    before = await told(desks[1].database, "register.asked")
    assert Counter(await everywhere(desks, 2)) == {"stopped": 8}
    assert await told(desks[1].database, "register.asked") == before
    async with desks[0].database.reading() as connection:
        assert (
            await connection.execute(select(func.count()).select_from(open_calls))
        ).scalar() == 0


async def test_outside_its_hours_a_lane_holds_and_goes_on_by_itself(
    store: Database, system: Upstream, clock: VirtualClock
) -> None:
    hours = {SYSTEM: Hours((Span(frozenset({1, 2, 3, 4, 5}), time(8), time(18)),))}
    url = f"http://127.0.0.1:{system.port}"
    async with open_desk(store, url, clock=clock, hours=hours) as desk:
        assert (await desk.room(3)).calls == 3
        clock.set(datetime(2026, 9, 4, 11, tzinfo=UTC))  # Friday, seven in the evening in Beijing
        monday = datetime(2026, 9, 7, 0, tzinfo=UTC)
        assert (await desk.room(3)).wait_until == monday
        (kept,) = await desk.exchange(desk.call())
        assert reason(kept) == "hours"
        assert isinstance(kept, NotSent)
        assert kept.retry_after == (monday - clock.now()).total_seconds()
        clock.set(monday)
        assert Counter(map(reason, await desk.exchange(desk.call()))) == {"": 1}


async def test_every_attempt_takes_of_the_quota_and_the_last_of_it_closes_the_room(
    store: Database, system: Upstream, clock: VirtualClock
) -> None:
    agreed = {SYSTEM: Limits((Limit(6, Period.DAY),))}
    pace = StorePace(store, clock)
    quota = Quota(store, clock, lambda: secrets.token_hex(8), agreed, pace)
    url = f"http://127.0.0.1:{system.port}"
    async with open_desk(store, url, clock=clock, quota=quota) as desk:
        failing = desk.call("other")
        attempts: list[int] = []

        async def send() -> None:
            attempts.append(1)
            raise Unavailable(SYSTEM, "other", "503")

        object.__setattr__(failing, "send", send)
        await desk.exchange(failing)
        assert len(attempts) == 3
        assert (await desk.room(9)).calls == 3
        answers = Counter(map(reason, await desk.exchange(*(desk.call() for _ in range(5)))))
        assert answers == {"": 3, "quota": 2}
        assert len(system.asked_at) == 3
        assert (await desk.room(9)).calls == 0
        midnight = datetime(2026, 9, 3, 16, tzinfo=UTC)
        assert (await desk.room(9)).wait_until == midnight
    await quota.close()


async def fail(desk: Desk, operation: str = "check") -> None:
    """Have an operation fail often enough to be given a rest."""
    await desk.exchange(*[desk.saying(AWAY, operation)] * IN_A_ROW)


async def everywhere(desks: Sequence[Desk], calls: int) -> list[str]:
    """Why each call of each process was kept back; an empty text where it was answered."""
    asked = await asyncio.gather(
        *(desk.asked(*(desk.call() for _ in range(calls))) for desk in desks)
    )
    said = await asyncio.gather(
        *(desk.calls.send(group) for desk, group in zip(desks, asked, strict=True))
    )
    for desk, group, answers in zip(desks, asked, said, strict=True):
        await desk.answered(group, answers)
    return [reason(answer) for answers in said for answer in answers]


def reason(answer: object) -> str:
    if isinstance(answer, NotSent):
        return answer.code
    assert not isinstance(answer, SystemFailure), answer
    return ""


async def told(database: Database, action: str) -> int:
    async with database.reading() as connection:
        said = (await connection.execute(select(entries.c.canonical))).scalars().all()
    return sum(f'"action":"{action}"'.encode() in bytes(entry) for entry in said)
