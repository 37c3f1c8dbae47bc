"""What was committed is in its streams at once: nobody waits for a look that comes round."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway import worker as worker_module
from gateway.clock import SystemClock
from gateway.database import Database
from gateway.feed.publisher import PUBLISH, Publisher, anything_waits
from gateway.feed.pulling.waiting import PUBLISHED
from gateway.shared.wakeups import WORK, OwnWakeups
from gateway.worker import Lane, Worker
from tests.feed.province import change, children, publisher, record, stream, subscribe

SOON = 10.0


def at(store: Database, wakeups: OwnWakeups, holder: str = "here") -> Publisher:
    return Publisher(store, publisher(store, holder), wakeups)


async def commit(store: Database, wakeups: OwnWakeups, count: int = 1) -> None:
    await record(store, [change(child) for child in await children(store, count)])
    await wakeups.publish(WORK)


@asynccontextmanager
async def following(one: Publisher) -> AsyncIterator[None]:
    task = asyncio.create_task(one.follow())
    await asyncio.sleep(0)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_worker_that_is_woken_publishes_and_wakes_those_who_wait(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 3600.0)
    wakeups, stop = OwnWakeups(), asyncio.Event()
    await subscribe(database, "a")
    lane = Lane((PUBLISH,), at(database, wakeups).step, waits=anything_waits)
    working = Worker(database, SystemClock(), {"publish": lane}, wakeups)
    running = asyncio.create_task(working.run(stop))
    with wakeups.listening(PUBLISHED) as grown:
        await asyncio.sleep(0.05)
        await commit(database, wakeups)
        async with asyncio.timeout(SOON):
            while not await stream(database, "a"):
                await grown.wait()
                grown.clear()
    stop.set()
    await running


async def test_the_process_that_committed_publishes_though_another_led_before(
    database: Database,
) -> None:
    elsewhere, here = OwnWakeups(), OwnWakeups()
    first, second = await children(database, 2)
    await subscribe(database, "a")
    await record(database, [change(first)])
    assert await at(database, elsewhere, "elsewhere").step() == 1
    with here.listening(PUBLISHED) as grown:
        async with following(at(database, here)):
            await record(database, [change(second)])
            await here.publish(WORK)
            async with asyncio.timeout(SOON):
                await grown.wait()
    assert [number for number, *_ in await stream(database, "a")] == [1, 2]


async def test_nothing_waits_once_all_is_published(database: Database) -> None:
    await subscribe(database, "a")
    async with database.reading() as connection:
        assert not await anything_waits(connection)
    await record(database, [change(child) for child in await children(database, 1)])
    async with database.reading() as connection:
        assert await anything_waits(connection)
    await at(database, OwnWakeups()).step()
    async with database.reading() as connection:
        assert not await anything_waits(connection)
