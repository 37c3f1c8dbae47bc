"""Wake-ups through PostgreSQL: heard in every process, at once, and again after a loss."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from gateway.clock import SystemClock
from gateway.database import open_database
from gateway.keys import Keys
from gateway.leases import enqueue, finish, lease
from gateway.settings import load_settings
from gateway.shared.store_wakeups import StoreWakeups, open_store_wakeups
from gateway.shared.wakeups import WORK, OwnWakeups
from gateway.wiring.shared import open_shared
from gateway.worker import Lane, Worker

CLOCK = SystemClock()


@asynccontextmanager
async def process(url: str) -> AsyncIterator[StoreWakeups]:
    async with open_store_wakeups(make_url(url)) as wakeups:
        await until(lambda: wakeups.reach_all)
        yield wakeups


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.001)


async def end_listeners(url: str) -> None:
    """What an operator, a proxy or a failover does to connections."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await connection.close()


async def test_a_word_reaches_every_process(postgres_url: str) -> None:
    async with process(postgres_url) as one, process(postgres_url) as other:
        with one.listening("here") as here, other.listening("here") as there:
            await one.publish("elsewhere")
            await one.publish("here")
            assert here.is_set()
            async with asyncio.timeout(5):
                await there.wait()


async def test_words_of_another_store_are_not_heard(
    postgres_url: str, migrated_postgres_url: str
) -> None:
    async with (
        process(postgres_url) as one,
        process(migrated_postgres_url) as other,
        process(postgres_url) as third,
    ):
        with other.listening("name") as foreign, third.listening("name") as heard:
            await one.publish("name")
            async with asyncio.timeout(5):
                await heard.wait()
            assert not foreign.is_set()


async def test_after_a_lost_connection_everybody_looks_once_and_then_hears_again(
    postgres_url: str,
) -> None:
    async with process(postgres_url) as one, process(postgres_url) as other:
        with other.listening("name") as woken:
            await end_listeners(postgres_url)
            await until(lambda: not other.reach_all)
            async with asyncio.timeout(10):
                await woken.wait()  # what was told meanwhile may be lost
            await until(lambda: one.reach_all and other.reach_all)
            woken.clear()
            await one.publish("name")
            async with asyncio.timeout(5):
                await woken.wait()


async def test_a_store_that_does_not_answer_makes_nobody_wait() -> None:
    url = make_url("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    async with open_store_wakeups(url) as wakeups:
        with wakeups.listening("name") as woken:
            await wakeups.publish("name")
            assert woken.is_set()
        assert not wakeups.reach_all


async def test_work_begins_within_fifty_milliseconds_of_its_commit_in_another_process(
    migrated_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway import worker as worker_module

    monkeypatch.setattr(worker_module, "WOKEN_POLL_SECONDS", 3600.0)
    database, stop = open_database(migrated_postgres_url), asyncio.Event()
    began: list[float] = []

    async def step() -> int:
        async with database.transaction() as connection:
            leases = await lease(connection, "look", 1, CLOCK.now(), 60.0)
            began.extend(time.monotonic() for _ in leases)
            await finish(connection, leases)
        return len(leases)

    waits = []
    async with process(migrated_postgres_url) as mine, process(migrated_postgres_url) as theirs:
        worker = Worker(database, CLOCK, {"look": Lane(("look",), step)}, theirs)
        running = asyncio.create_task(worker.run(stop))
        for turn in range(10):
            await asyncio.sleep(0.05)  # it has looked, and rests for an hour
            async with database.transaction() as connection:
                await enqueue(connection, "look", [f"child {turn}"], CLOCK.now())
            committed = time.monotonic()
            await mine.publish(WORK)
            async with asyncio.timeout(10):
                while len(began) <= turn:
                    await asyncio.sleep(0.001)
            waits.append(began[-1] - committed)
        stop.set()
        await running
    await database.close()
    # The quickest of ten: the machine may be busy with others.
    assert min(waits) < 0.05


async def test_a_shared_store_without_redis_carries_the_words_itself(
    postgres_url: str, sqlite_url: str
) -> None:
    keys = Keys(file=bytes(32), index=bytes(32), token=bytes(32))
    for url, kind in ((postgres_url, StoreWakeups), (sqlite_url, OwnWakeups)):
        async with open_shared(load_settings(database_url=url), keys, CLOCK) as shared:
            assert type(shared.wakeups) is kind
