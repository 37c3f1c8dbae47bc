"""The pace through Redis: one for all processes, none too many when Redis is lost or back."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import quantiles
from time import perf_counter

import redis

from gateway.calls.quota import Limit, Period, Quota
from gateway.calls.quota.pace import SILENCE, SharedPace
from gateway.calls.quota.store_pace import SECOND, StorePace
from gateway.clock import SystemClock, VirtualClock
from gateway.database import Database
from gateway.shared.link import LOOK_SECONDS, REST_SECONDS, SECONDS, Link, open_link
from tests.calls.lagging import lagging
from tests.engines.redis_server import RedisServer
from tests.quota.conftest import NOON, PATIENT_SECONDS, SYSTEM, Open

SOON = 10.0


def settle(url: str) -> None:
    """Leave Redis as one that has kept the pace for long."""
    with redis.Redis.from_url(url) as client:
        client.set(f"jisui:{{{SYSTEM}}}:kept_since", 1)


def paced(database: Database, link: Link, clock: VirtualClock) -> SharedPace:
    return SharedPace(StorePace(database, clock), link, clock)


@contextmanager
def hanging(server: RedisServer) -> Iterator[None]:
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


async def until_up(link: Link) -> None:
    async with asyncio.timeout(SOON):
        while not link.up:
            await asyncio.sleep(0.02)


async def test_processes_share_one_pace(
    database: Database, link: Link, redis_url: str, clock: VirtualClock
) -> None:
    settle(redis_url)
    async with open_link(redis_url, PATIENT_SECONDS) as other_link:
        one, other = paced(database, link, clock), paced(database, other_link, clock)
        assert (await one.take(SYSTEM, 10, 6, "a")).calls == 6
        allowed = await other.take(SYSTEM, 10, 6, "b")
        assert allowed.calls == 4
        assert allowed.wait_until is not None
        assert NOON < allowed.wait_until <= NOON + SECOND
        assert (await one.take(SYSTEM, 10, 1, "c")).calls == 0
        await other.give_back(SYSTEM, "b", 3)
        assert (await one.take(SYSTEM, 10, 9, "d")).calls == 3


async def test_a_second_later_there_is_room_again(
    database: Database, link: Link, redis_url: str, clock: VirtualClock
) -> None:
    settle(redis_url)
    pace, start = paced(database, link, clock), perf_counter()
    assert (await pace.take(SYSTEM, 10, 10, "a")).calls == 10
    while not (await pace.take(SYSTEM, 10, 10, "b")).calls:
        await asyncio.sleep(0.02)
    assert SECOND.total_seconds() <= perf_counter() - start + 0.01


async def test_a_redis_without_memory_grants_nothing_at_first(
    database: Database, link: Link, redis_url: str, clock: VirtualClock
) -> None:
    pace = paced(database, link, clock)
    for moment in ("new", "flushed"):
        allowed = await pace.take(SYSTEM, 10, 5, moment)
        assert allowed.calls == 0
        assert allowed.wait_until is not None
        assert timedelta(0) < allowed.wait_until - NOON <= SILENCE
        settle(redis_url)
        assert (await pace.take(SYSTEM, 10, 5, f"{moment}, later")).calls == 5
        with redis.Redis.from_url(redis_url) as client:
            client.flushdb()


async def test_the_store_stands_in_once_what_redis_granted_is_a_second_old(
    database: Database, own_redis: RedisServer, clock: VirtualClock
) -> None:
    settle(own_redis.url)
    async with open_link(own_redis.url, PATIENT_SECONDS) as link:
        one, other = paced(database, link, clock), paced(database, link, clock)
        assert (await one.take(SYSTEM, 10, 10, "a")).calls == 10
        with hanging(own_redis):
            allowed = await one.take(SYSTEM, 10, 10, "b")
            assert (allowed.calls, allowed.wait_until) == (0, NOON + SECOND)
            clock.set(NOON + SECOND)
            assert (await one.take(SYSTEM, 10, 7, "c")).calls == 7
            assert (await other.take(SYSTEM, 10, 7, "d")).calls == 0  # it has just noticed
            clock.advance(0.2)
            await one.give_back(SYSTEM, "c", 2)
            assert (await one.take(SYSTEM, 10, 7, "e")).calls == 5


async def test_whoever_was_granted_calls_elsewhere_has_redis_wait_for_all(
    database: Database, own_redis: RedisServer, clock: VirtualClock
) -> None:
    settle(own_redis.url)
    async with (
        open_link(own_redis.url, PATIENT_SECONDS) as link,
        open_link(own_redis.url, PATIENT_SECONDS) as calm_link,
    ):
        pace, calm = paced(database, link, clock), paced(database, calm_link, clock)
        with hanging(own_redis):
            await pace.take(SYSTEM, 10, 1, "a")
            clock.advance(2)
            assert (await pace.take(SYSTEM, 10, 10, "b")).calls == 10
        await until_up(link)
        assert (await pace.take(SYSTEM, 10, 1, "c")).calls == 0
        assert (await calm.take(SYSTEM, 10, 1, "d")).calls == 0
        settle(own_redis.url)
        assert (await pace.take(SYSTEM, 10, 1, "e")).calls == 1


async def test_a_short_loss_in_which_nothing_was_granted_elsewhere_costs_no_silence(
    database: Database, own_redis: RedisServer, clock: VirtualClock
) -> None:
    settle(own_redis.url)
    async with open_link(own_redis.url, PATIENT_SECONDS) as link:
        pace = paced(database, link, clock)
        with hanging(own_redis):
            assert (await pace.take(SYSTEM, 10, 1, "a")).calls == 0
        await until_up(link)
        assert (await pace.take(SYSTEM, 10, 1, "b")).calls == 1


async def test_a_redis_that_hangs_costs_one_call_its_patience_and_the_others_nothing(
    open_quota: Open, database: Database, own_redis: RedisServer
) -> None:
    settle(own_redis.url)
    agreed, clock = (Limit(10_000, Period.SECOND), Limit(10**6, Period.DAY)), SystemClock()
    store = StorePace(database, clock)
    alone = await timed(open_quota(*agreed, pace=store))
    async with open_link(own_redis.url) as link:
        quota = open_quota(*agreed, pace=SharedPace(store, link, clock))
        with hanging(own_redis):
            async with lagging() as lag:
                first, *others = await timed(quota)
            assert not link.up
    assert first < SECONDS + max(alone) + max(lag) + 0.1
    # The upper quarter begins where it began: the slowest few tell of the machine.
    assert quantiles(others, n=4)[-1] < quantiles(alone, n=4)[-1] + SECONDS


async def timed(quota: Quota) -> list[float]:
    """How long each take lasted, for as long as it takes to look for Redis several times."""
    lasted: list[float] = []
    end = perf_counter() + 3 * (REST_SECONDS + LOOK_SECONDS)
    while perf_counter() < end:
        start = perf_counter()
        await quota.take(SYSTEM, 1)
        lasted.append(perf_counter() - start)
        await asyncio.sleep(0.01)
    return lasted
