"""A simulated platform on a socket, its clock, its log and its faults; the adapter before it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from adapters.population.national.adapter import National
from adapters.population.national.simulator import create
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.serving import serving
from adapters.transport import Client, open_client
from contracts.capabilities import Asker, Claim
from tests.adapters.population.national.invented import (
    ASKER,
    CLAIMS,
    NOON,
    TRUTH,
    WORLD,
    Kept,
    open_adapter,
)

Arm = Callable[..., Awaitable[None]]
Log = Callable[[], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def asker() -> Asker:
    return ASKER


@pytest.fixture
def claims() -> tuple[Claim, ...]:
    return CLAIMS


@pytest.fixture
def truth() -> tuple[str, ...]:
    return TRUTH


@pytest.fixture
def clock() -> SimulatorClock:
    return SimulatorClock(NOON)


@pytest.fixture
async def client(clock: SimulatorClock) -> AsyncIterator[Client]:
    async with serving(create(WORLD, clock)) as url, open_client(url, seconds=2.0) as opened:
        yield opened


@pytest.fixture
def kept(clock: SimulatorClock) -> Kept:
    return Kept(clock.now)


@pytest.fixture
def national(client: Client, clock: SimulatorClock, kept: Kept) -> National:
    return open_adapter(client, clock, secrets=kept)


@pytest.fixture
def arm(client: Client) -> Arm:
    async def armed(**plan: Any) -> None:
        assert (await client.post("/_simulator/faults", json=plan)).status_code == 200

    return armed


@pytest.fixture
def log(client: Client) -> Log:
    async def asked() -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = (await client.get("/_simulator/requests")).json()
        return said

    return asked
