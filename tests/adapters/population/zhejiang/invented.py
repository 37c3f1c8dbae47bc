"""Invented people with what is true of them, shared secrets in memory, the adapter opened."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from adapters.population.zhejiang.adapter import Zhejiang
from adapters.population.zhejiang.questions import Ground
from adapters.population.zhejiang.simulator import DEMO_APP_KEY, DEMO_APP_SECRET
from adapters.simulation.clock import SimulatorClock
from adapters.transport import Client
from adapters.world import World
from contracts.capabilities import Asker, Claim
from contracts.secrets import Renew, Secret

NOON = datetime(2026, 9, 1, 4, tzinfo=UTC)  # noon in China, a Tuesday
PEOPLE = (
    {"GMSFHM": "999999201801010014", "XM": "测试甲", "XBDM": "1", "SWBS": "0"},
    {"GMSFHM": "999999201801010022", "XM": "买买提·艾力", "XBDM": "2", "SWBS": "1"},
    {"GMSFHM": "99999920180101009X", "XM": "\U00020bb7\ue000\ufa1f", "XBDM": "1", "SWBS": "0"},
)
TRUTH = (
    (Claim("999999201801010014", "测试甲"), "MATCH"),
    (Claim("999999201801010014", "测试乙"), "NAME_MISMATCH"),
    (Claim("999999201801010022", "买买提•艾力"), "DECEASED"),
    (Claim("999999201801010022", "不是她"), "NAME_MISMATCH"),
    (Claim("999999201801010030", "没有人"), "NOT_ON_FILE"),
    (Claim("99999920180101009x", "\U00020bb7\ue000\ufa1f"), "MATCH"),
)
WORLD = World((), (), (), PEOPLE, {})
ASKER = Asker("示例省教育厅学籍管理中心", "330106", "学籍注册核验")


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


def open_adapter(client: Client, clock: SimulatorClock, **changes: Any) -> Zhejiang:
    terms: dict[str, Any] = {
        "app_key": DEMO_APP_KEY,
        "app_secret": DEMO_APP_SECRET,
        "ground": Ground("学籍注册"),
        "secrets": Kept(clock.now),
        "now": clock.now,
    }
    return Zhejiang(client, **terms | changes)
