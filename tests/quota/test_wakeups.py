"""Wake-ups: heard in every process, and where Redis is lost nobody relies on them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2 as httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.api.telling import telling
from gateway.clock import SystemClock
from gateway.database import Database
from gateway.leases import enqueue, finish, lease
from gateway.shared.link import open_link, open_redis
from gateway.shared.redis_wakeups import SharedWakeups, open_wakeups
from gateway.shared.wakeups import WORK, OwnWakeups
from gateway.worker import Lane, Worker
from tests.engines.redis_server import RedisServer, redis_sources, restart_redis
from tests.quota.conftest import PATIENT_SECONDS

CLOCK = SystemClock()


@asynccontextmanager
async def process(url: str) -> AsyncIterator[SharedWakeups]:
    async with (
        open_link(url, PATIENT_SECONDS) as link,
        open_wakeups(link, open_redis(url)) as wakeups,
    ):
        await until(lambda: wakeups.reach_all)
        yield wakeups


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_word_reaches_those_who_listen_to_the_name_here() -> None:
    wakeups = OwnWakeups()
    with wakeups.listening("a") as a, wakeups.listening("b") as b, wakeups.listening("a") as again:
        await wakeups.publish("a")
        assert (a.is_set(), b.is_set(), again.is_set()) == (True, False, True)
    await wakeups.publish("a")
    assert not wakeups.reach_all


async def test_a_word_reaches_every_process(redis_url: str) -> None:
    async with process(redis_url) as one, process(redis_url) as other:
        with one.listening("here") as here, other.listening("here") as there:
            await one.publish("elsewhere")
            await one.publish("here")
            async with asyncio.timeout(5):
                await there.wait()
            assert here.is_set()


async def test_after_a_loss_everybody_looks_once_and_then_hears_again(
    own_redis: RedisServer,
) -> None:
    async with process(own_redis.url) as one, process(own_redis.url) as other:
        with other.listening("name") as woken:
            own_redis.process.kill()
            own_redis.process.wait()
            await one.publish("name")
            assert not one.reach_all
            again = restart_redis(own_redis, list(redis_sources()))
            try:
                async with asyncio.timeout(10):
                    await woken.wait()  # the word itself was lost
                await until(lambda: one.reach_all and other.reach_all)
                woken.clear()
                await one.publish("name")
                async with asyncio.timeout(5):
                    await woken.wait()
            finally:
                again.stop()


async def test_a_worker_is_woken_by_another_process(
    migrated_postgres_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway import worker as worker_module
    from gateway.database import open_database

    monkeypatch.setattr(worker_module, "WOKEN_POLL_SECONDS", 3600.0)
    database, done, stop = open_database(migrated_postgres_url), [], asyncio.Event()

    async def step() -> int:
        async with database.transaction() as connection:
            leases = await lease(connection, "look", 1, CLOCK.now(), 60.0)
            await finish(connection, leases)
        done.extend(leases)
        return len(leases)

    async with process(redis_url) as mine, process(redis_url) as theirs:
        worker = Worker(database, CLOCK, {"look": Lane(("look",), step)}, theirs)
        running = asyncio.create_task(worker.run(stop))
        await asyncio.sleep(0.3)  # it has looked, and rests for an hour
        await put(database, "look")
        await mine.publish(WORK)
        await until(lambda: len(done) == 1)
        stop.set()
        await running
    await database.close()


async def put(database: Database, kind: str) -> None:
    async with database.transaction() as connection:
        await enqueue(connection, kind, ["child"], CLOCK.now())


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("POST", "/", 202, 1),
        ("PUT", "/", 200, 1),
        ("POST", "/", 422, 0),
        ("POST", "/", 500, 0),
        ("GET", "/", 200, 0),
        ("POST", "/quiet", 200, 0),
        ("POST", "/quiet/more", 200, 1),
    ],
)
async def test_the_workers_are_told_of_what_was_accepted(
    method: str, path: str, status: int, told: int
) -> None:
    words = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def tell() -> None:
        words.append("told")

    door = httpx.ASGITransport(telling(app, tell, untold={"/quiet"}))
    async with httpx.AsyncClient(transport=door, base_url="http://gateway") as client:
        assert (await client.request(method, path)).status_code == status
    assert len(words) == told


async def test_redis_may_be_absent_from_the_start() -> None:
    url = "redis://127.0.0.1:1/0"
    async with (
        open_link(url, PATIENT_SECONDS) as link,
        open_wakeups(link, open_redis(url)) as wakeups,
    ):
        assert not link.up
        assert not wakeups.reach_all
        with wakeups.listening("name") as woken:
            await wakeups.publish("name")
            assert woken.is_set()
