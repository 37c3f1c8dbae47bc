"""A small register of invented people, its simulator on a socket, and the adapter before it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from adapters.population.nciic.adapter import Nciic
from adapters.population.nciic.simulator import DEMO_LICENCE, create
from adapters.simulation.serving import serving
from adapters.transport import Client, open_client
from adapters.world import World
from contracts.capabilities import Asker, Claim

ASKER = Asker("示例省教育厅学籍管理中心", "110108", "学籍注册核验")
PEOPLE = (
    {"GMSFHM": "999999201801010014", "XM": "测试甲", "XBDM": "1", "SWBS": "0"},
    {"GMSFHM": "999999201801010022", "XM": "买买提·艾力", "XBDM": "2", "SWBS": "1"},
    {"GMSFHM": "99999920180101009X", "XM": "\U00020bb7\ue000\ufa1f", "XBDM": "1", "SWBS": "0"},
)
CLAIMS = (
    Claim("999999201801010014", "测试甲"),
    Claim("999999201801010022", "不是她"),
    Claim("999999201801010030", "没有人"),
    Claim("99999920180101009x", "\U00020bb7\ue000\ufa1f"),
)
TRUTH = ("MATCH", "NAME_MISMATCH", "NOT_ON_FILE", "MATCH")

Arm = Callable[..., Awaitable[None]]


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
async def client() -> AsyncIterator[Client]:
    """A client of a simulator that takes five rows a call."""
    world = World((), (), (), PEOPLE, {})
    async with serving(create(world)) as url, open_client(url, seconds=2.0) as opened:
        yield opened


@pytest.fixture
def nciic(client: Client) -> Nciic:
    return Nciic(client, licence=DEMO_LICENCE)


@pytest.fixture
def arm(client: Client) -> Arm:
    async def armed(**plan: Any) -> None:
        assert (await client.post("/_simulator/faults", json=plan)).status_code == 200

    return armed
