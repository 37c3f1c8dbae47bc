"""An office that hands sheets in: its stage, its requests, and what the register was asked."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from adapters.population.nciic.contract import CHECK
from gateway.access.vocabulary import Role
from tests.intake.stage import Stage, open_stage
from tests.intake.village import Village

PATH = "/v1/verification-batches"
JSON = "application/json"


@dataclass(frozen=True)
class Office:
    """A school's or county's office and the register it has asked."""

    stage: Stage
    village: Village

    async def hand_in(
        self,
        content: bytes | Sequence[dict[str, str]],
        media_type: str = JSON,
        role: Role = Role.CLERK,
        *,
        query: str = "",
        key: str | None = None,
        **who: str,
    ) -> httpx.Response:
        """The answer to a sheet: rows, or the bytes of one."""
        if not isinstance(content, bytes):
            content = json.dumps({"rows": list(content)}, ensure_ascii=False).encode()
        more = {"Content-Type": media_type} | ({"Idempotency-Key": key} if key else {})
        path = f"{PATH}{query}"
        return await self.stage.ask("POST", path, role, content=content, more=more, **who)

    async def accepted(self, rows: Sequence[dict[str, str]], **how: Any) -> str:
        """The id of the batch these rows became."""
        answer = await self.hand_in(rows, **how)
        assert answer.status_code == 202, answer.text
        batch_id: str = answer.json()["batch_id"]
        return batch_id

    async def view(self, batch_id: str, role: Role = Role.CLERK, **who: str) -> dict[str, Any]:
        """How the batch stands."""
        answer = await self.stage.ask("GET", f"{PATH}/{batch_id}", role, **who)
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    async def counts(self, batch_id: str, role: Role = Role.CLERK) -> dict[str, int]:
        """How many rows have which outcome; only outcomes there are."""
        view = await self.view(batch_id, role)
        return {one["outcome"]: one["count"] for one in view["outcomes"] if one["count"]}

    async def steer(self, batch_id: str, wish: str) -> httpx.Response:
        """The answer to a wish: pause, resume or cancel."""
        return await self.stage.ask("POST", f"{PATH}/{batch_id}/{wish}", Role.CLERK)

    async def rows(self, batch_id: str, role: Role = Role.CLERK) -> list[dict[str, Any]]:
        """Every row of the batch, page by page."""
        rows: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            path = f"{PATH}/{batch_id}/rows?after={after}&limit=300"
            page = (await self.stage.ask("GET", path, role)).json()
            rows += page["rows"]
            after = page["next"]
        return rows

    async def asked(self) -> Counter[str]:
        """How often the register was asked about each number."""
        calls = await self.stage.requests("population", CHECK)
        numbers = [row["GMSFHM"] for call in calls for row in call["question"]["rows"]]
        return Counter(numbers)


Opened = Callable[..., Awaitable[Office]]


@pytest.fixture
def village() -> Village:
    """A village without anybody, to be settled."""
    return Village()


@pytest.fixture
async def opened(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Opened]:
    """Opens the office over SQLite."""
    async with AsyncExitStack() as stages:
        yield _opener(stages, migrated_sqlite_url, tmp_path)


@pytest.fixture
async def opened_on_each_engine(migrated_url: str, tmp_path: Path) -> AsyncIterator[Opened]:
    """Opens the office over SQLite, and over PostgreSQL."""
    async with AsyncExitStack() as stages:
        yield _opener(stages, migrated_url, tmp_path)


def _opener(stages: AsyncExitStack, url: str, folder: Path) -> Opened:
    async def opened(village: Village) -> Office:
        return Office(await stages.enter_async_context(open_stage(url, folder, village)), village)

    return opened
