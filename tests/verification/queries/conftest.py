"""A stage for single queries: Ann is on file, Ben bears another name there, Cleo is dead."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from adapters.population.nciic.contract import CHECK
from gateway.access.vocabulary import Role
from tests.intake.stage import Stage, open_stage
from tests.intake.village import Child, Village, person

ANN, BEN, CLEO, NOBODY = (person(serial) for serial in (1, 2, 3, 4))


def claim(child: Child, **changed: Any) -> dict[str, Any]:
    """What a caller tells of a child."""
    return {"document": {"kind": "1", "number": child.document}, "name": child.name} | changed


@dataclass(frozen=True)
class Counter:
    """A school's counter: asks and reads as people in a role do."""

    stage: Stage

    async def ask(
        self,
        told: Mapping[str, Any],
        role: Role = Role.CLERK,
        *,
        prefer: str = "wait=10",
        key: str | None = None,
        **who: str,
    ) -> httpx.Response:
        """The answer to a query."""
        more = {"Prefer": prefer} | ({"Idempotency-Key": key} if key else {})
        return await self.stage.ask("POST", "/v1/verifications", role, json=told, more=more, **who)

    async def read(
        self, query_id: str, role: Role = Role.CLERK, *, prefer: str = "wait=0", **who: str
    ) -> httpx.Response:
        """The answer as it is read later."""
        path = f"/v1/verifications/{query_id}"
        return await self.stage.ask("GET", path, role, more={"Prefer": prefer}, **who)

    async def asked(self) -> int:
        """How often the register was asked."""
        return len(await self.stage.requests("population", CHECK))


Opened = Callable[..., Awaitable[Counter]]


@pytest.fixture
async def opened(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Opened]:
    """Opens the counter over SQLite."""
    async with AsyncExitStack() as stages:
        yield _opener(stages, migrated_sqlite_url, tmp_path)


@pytest.fixture
async def opened_on_each_engine(migrated_url: str, tmp_path: Path) -> AsyncIterator[Opened]:
    """Opens the counter over SQLite, and over PostgreSQL."""
    async with AsyncExitStack() as stages:
        yield _opener(stages, migrated_url, tmp_path)


def _opener(stages: AsyncExitStack, url: str, folder: Path) -> Opened:
    async def opened() -> Counter:
        village = Village()
        village.known(ANN)
        village.known(BEN, name="另名")
        village.known(CLEO, deceased=True)
        return Counter(await stages.enter_async_context(open_stage(url, folder, village)))

    return opened
