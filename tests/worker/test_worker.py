"""The worker: lanes step while there is work, rest without it, and survive what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from contracts.errors import JisuiError
from gateway import worker as worker_module
from gateway.clock import SystemClock
from gateway.database import Database
from gateway.leases import enqueue, finish, lease
from gateway.worker import Lane, Worker

CLOCK = SystemClock()
SOON = 10.0


@pytest.fixture
def slow_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 3600.0)


async def put(database: Database, kind: str, *subjects: str, later: float = 0.0) -> None:
    async with database.transaction() as connection:
        due_at = CLOCK.now() + timedelta(seconds=later)
        await enqueue(connection, kind, subjects, due_at)


async def take(database: Database, kind: str) -> list[str]:
    async with database.transaction() as connection:
        leases = await lease(connection, kind, 1, CLOCK.now(), 60.0)
        await finish(connection, leases)
    return [each.subject_id for each in leases]


@asynccontextmanager
async def at_work(database: Database, lanes: Mapping[str, Lane]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(database, CLOCK, lanes).run(stop))
    try:
        async with asyncio.timeout(SOON):
            yield
    finally:
        stop.set()
        await running


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


async def test_a_lane_steps_until_nothing_of_its_kind_is_due(database: Database) -> None:
    done: list[str] = []

    async def step() -> int:
        taken = await take(database, "look")
        done.extend(taken)
        return len(taken)

    await put(database, "look", "a", "b", "c")
    await put(database, "look", "later", later=3600.0)
    async with at_work(database, {"look": Lane(("look",), step)}):
        await until(lambda: sorted(done) == ["a", "b", "c"])
    assert await Worker(database, CLOCK, {"look": Lane(("look",), step)}).step() is not None
    assert sorted(done) == ["a", "b", "c"]


@pytest.mark.usefixtures("slow_poll")
async def test_work_done_in_one_lane_wakes_the_lane_it_is_work_for(database: Database) -> None:
    resting = asyncio.Event()
    decided: list[str] = []

    async def decide() -> int:
        taken = await take(database, "decide")
        decided.extend(taken)
        resting.set()
        return len(taken)

    async def look() -> int:
        await resting.wait()  # the other lane found nothing and will not look again by itself
        taken = await take(database, "look")
        await put(database, "decide", *taken)
        return len(taken)

    await put(database, "look", "child")
    lanes = {"look": Lane(("look",), look), "decide": Lane(("decide",), decide)}
    async with at_work(database, lanes):
        await until(lambda: decided == ["child"])


async def test_a_lane_may_take_steps_side_by_side_and_others_take_one(database: Database) -> None:
    under_way = {"carry": 0, "look": 0}
    most = {"carry": 0, "look": 0}
    full = asyncio.Event()

    async def step(kind: str) -> int:
        taken = await take(database, kind)
        under_way[kind] += len(taken)
        most[kind] = max(most[kind], under_way[kind])
        if most["carry"] == 2:
            full.set()
        if taken:
            await full.wait()
        under_way[kind] -= len(taken)
        return len(taken)

    await put(database, "carry", *"abcd")
    await put(database, "look", *"abcd")
    lanes = {
        "carry": Lane(("carry",), lambda: step("carry"), at_once=2),
        "look": Lane(("look",), lambda: step("look")),
    }
    async with at_work(database, lanes):
        await full.wait()
    assert most == {"carry": 2, "look": 1}


async def test_a_lane_that_failed_goes_on_after_a_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "REST_AFTER_A_FAULT_SECONDS", 0.01)
    failures, done = [JisuiError("twice"), JisuiError("in a row")], []

    async def step() -> int:
        if failures:
            raise failures.pop()
        taken = await take(database, "look")
        done.extend(taken)
        return len(taken)

    await put(database, "look", "child")
    async with at_work(database, {"look": Lane(("look",), step)}):
        await until(lambda: done == ["child"])
