"""A quota over a store on either engine, on a clock moved by hand."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from gateway.calls.quota import Limit, Limits, Quota
from gateway.calls.quota.quota import Pace
from gateway.calls.quota.store_pace import StorePace
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.shared.link import Link, open_link
from tests.engines.redis_server import RedisServer, redis_sources, start_redis

NOON = datetime(2026, 9, 1, 4, tzinfo=UTC)  # in Beijing
SYSTEM = "population"
PATIENT_SECONDS = 0.5  # for one command, however busy the machine is

Open = Callable[..., Quota]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def open_quota(database: Database, clock: VirtualClock) -> Open:
    """One process's quota; several may stand over the same store."""
    numbers = count()

    def open_one(*agreed: Limit, pace: Pace | None = None) -> Quota:
        def new_id() -> str:
            return f"grant{next(numbers)}"

        store_pace = StorePace(database, clock)
        return Quota(database, clock, new_id, {SYSTEM: Limits(agreed)}, pace or store_pace)

    return open_one


@pytest.fixture
async def link(redis_url: str) -> AsyncIterator[Link]:
    async with open_link(redis_url, PATIENT_SECONDS) as opened:
        yield opened


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A server of the test's own, to be ill-treated."""
    server = start_redis(list(redis_sources()))
    yield server
    server.stop()
