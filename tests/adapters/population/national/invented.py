"""Invented people with what is true of them, shared secrets in memory, the adapter opened."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from adapters.population.national.adapter import National
from adapters.population.national.demo import DEMO_CHECK, DEMO_REGISTRATION
from adapters.population.national.registration import Subscription
from adapters.simulation.clock import SimulatorClock
from adapters.transport import Client
from adapters.world import World
from contracts.capabilities import Asker, Claim
from contracts.secrets import Renew, Secret

NOON = datetime(2026, 9, 1, 4, tzinfo=UTC)  # noon in China, a Tuesday
PEOPLE = (
    {"GMSFHM": "999999201801010014", "XM": "测试甲", "XBDM": "1", "SWBS": "0"},
    {"GMSFHM": "999999201801010022", "XM": "买买提·艾力", "XBDM": "2", "SWBS": "1"},
    {
        "GMSFHM": "99999920180101009X",
        "XM": "\U00020bb7\ue000\ufa1f",
        "XBDM": "1",
        "MZDM": "33",
        "CSRQ": "2018-01-01",
        "SWBS": "0",
    },
)
CLAIMS = (
    Claim("999999201801010014", "测试甲"),
    Claim("999999201801010014", "测试乙"),
    Claim("999999201801010022", "买买提•艾力"),
    Claim("999999201801010030", "没有人"),
    Claim("99999920180101009x", "\U00020bb7\ue000\ufa1f"),
)
TRUTH = ("MATCH", "NAME_MISMATCH", "DECEASED", "NOT_ON_FILE", "MATCH")
WORLD = World((), (), (), PEOPLE, {})
ASKER = Asker("示例省教育厅学籍管理中心", "110108", "学籍注册核验")


class Kept:
    """Shared secrets as one process keeps them: one renewal at a time, judged by a clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.secrets: dict[str, Secret] = {}
        self._now = now
        self._renewing = asyncio.Lock()

    async def current(self, name: str, renew: Renew, *, refused: Secret | None = None) -> Secret:
        async with self._renewing:
            kept = self.secrets.get(name)
            if kept is None or kept == refused or kept.expires_at <= self._now():
                kept = self.secrets[name] = await renew(kept)
            return kept


def open_adapter(
    client: Client, clock: SimulatorClock, subscription: Subscription = DEMO_CHECK, **changes: Any
) -> National:
    terms: dict[str, Any] = {
        "registration": DEMO_REGISTRATION,
        "secrets": Kept(clock.now),
        "now": clock.now,
    }
    return National(client, subscription, **terms | changes)
