"""Shared secrets: renewed by one for all, sealed at rest, and kept going without Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
import redis

from contracts.secrets import Secret, SharedSecrets
from gateway.clock import VirtualClock
from gateway.sealing import DataKey
from gateway.shared.link import Link, open_link
from gateway.shared.redis_secrets import RedisSecrets
from gateway.shared.secrets import OwnSecrets
from tests.engines.redis_server import RedisServer
from tests.quota.conftest import NOON, PATIENT_SECONDS

NAME = "zhejiang:request"
KEY = DataKey(bytes(range(32)))
LIFE = timedelta(minutes=15)


class Office:
    """Gives out secrets, each good for a quarter of an hour, and takes a while over it."""

    def __init__(self, clock: VirtualClock, seconds: float = 0.02) -> None:
        self.clock, self.seconds = clock, seconds
        self.shown: list[Secret | None] = []
        self.failures = 0

    async def renew(self, known: Secret | None) -> Secret:
        self.shown.append(known)
        await asyncio.sleep(self.seconds)
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        number = len(self.shown)
        return Secret(f"canary{number}", self.clock.now() + LIFE, f"renewal{number}")


@pytest.fixture
def office(clock: VirtualClock) -> Office:
    return Office(clock)


Processes = Callable[[int], list[SharedSecrets]]


@pytest.fixture(params=["own", "redis"])
async def processes(
    request: pytest.FixtureRequest, redis_url: str, clock: VirtualClock
) -> AsyncIterator[Processes]:
    """Several processes on one Redis, or callers in a single process without."""
    async with AsyncExitStack() as opened:
        links = [
            await opened.enter_async_context(open_link(redis_url, PATIENT_SECONDS))
            for _ in range(4)
        ]

        def open_some(number: int) -> list[SharedSecrets]:
            if request.param == "own":
                return [OwnSecrets(clock)] * number
            return [RedisSecrets(link, KEY, clock) for link in links[:number]]

        yield open_some


async def test_one_renews_for_all(processes: Processes, office: Office) -> None:
    asking = [each.current(NAME, office.renew) for each in processes(4) for _ in range(5)]
    given = await asyncio.gather(*asking)
    assert {secret.value for secret in given} == {"canary1"}
    assert office.shown == [None]


async def test_a_secret_that_ran_out_is_renewed_with_what_is_known_of_it(
    processes: Processes, office: Office, clock: VirtualClock
) -> None:
    one, other = processes(2)
    first = await one.current(NAME, office.renew)
    clock.advance(LIFE.total_seconds() - 1)
    assert await other.current(NAME, office.renew) == first
    clock.advance(1)
    second = await other.current(NAME, office.renew)
    assert await one.current(NAME, office.renew) == second
    assert office.shown == [None, first]


async def test_a_refused_secret_is_renewed_once_however_many_were_refused(
    processes: Processes, office: Office
) -> None:
    some = processes(4)
    first = await some[0].current(NAME, office.renew)
    asking = [each.current(NAME, office.renew, refused=first) for each in some for _ in range(3)]
    assert {secret.value for secret in await asyncio.gather(*asking)} == {"canary2"}
    assert office.shown == [None, first]


async def test_a_failed_renewal_is_told_and_the_next_caller_tries_again(
    processes: Processes, office: Office
) -> None:
    one, other = processes(2)
    office.failures = 1
    with pytest.raises(ConnectionError):
        await one.current(NAME, office.renew)
    assert (await other.current(NAME, office.renew)).value == "canary2"


async def test_a_cancelled_renewal_leaves_no_lock_behind(
    processes: Processes, office: Office
) -> None:
    one, other = processes(2)
    office.seconds = 60.0
    renewing = asyncio.create_task(one.current(NAME, office.renew))
    while not office.shown:
        await asyncio.sleep(0.01)
    renewing.cancel()
    await asyncio.gather(renewing, return_exceptions=True)
    office.seconds = 0.0
    async with asyncio.timeout(2):
        assert (await other.current(NAME, office.renew)).value == "canary2"


async def test_names_are_kept_apart(processes: Processes, office: Office) -> None:
    (one,) = processes(1)
    first = await one.current(NAME, office.renew)
    assert await one.current("another", office.renew) != first


async def test_a_secret_lies_sealed_and_opens_under_its_own_name_and_key_only(
    link: Link, redis_url: str, office: Office, clock: VirtualClock
) -> None:
    await RedisSecrets(link, KEY, clock).current(NAME, office.renew)
    with redis.Redis.from_url(redis_url) as client:
        (key,) = client.keys()
        lying = client.get(key)
        assert b"canary" not in lying
        assert b"renewal" not in lying
        client.set(key.replace(NAME.encode(), b"another"), lying)
    stranger = RedisSecrets(link, DataKey(bytes(32)), clock)
    assert (await stranger.current(NAME, office.renew)).value == "canary2"
    fresh = RedisSecrets(link, KEY, clock)
    assert (await fresh.current("another", office.renew)).value == "canary3"


async def test_without_redis_each_process_renews_for_itself(
    own_redis: RedisServer, office: Office, clock: VirtualClock
) -> None:
    async with (
        open_link(own_redis.url, PATIENT_SECONDS) as link,
        open_link(own_redis.url, PATIENT_SECONDS) as other_link,
    ):
        one, other = RedisSecrets(link, KEY, clock), RedisSecrets(other_link, KEY, clock)
        first = await one.current(NAME, office.renew)
        own_redis.process.kill()
        own_redis.process.wait()
        clock.set(NOON + LIFE)
        assert (await one.current(NAME, office.renew)).value == "canary2"
        assert (await one.current(NAME, office.renew)).value == "canary2"
        assert (await other.current(NAME, office.renew)).value == "canary3"
    assert office.shown == [None, first, None]
