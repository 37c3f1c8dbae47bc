"""A stage with two children on it, one of whom people looked at and asked about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.access.vocabulary import Role
from gateway.wiring.evidence import number_log
from tests.intake.stage import Stage, open_stage
from tests.intake.village import Child, Village


@dataclass(frozen=True)
class Watched:
    """What was done on the stage: `seen` was viewed and verified, `other` only handed in."""

    stage: Stage
    seen: Child
    other: Child
    handover_id: str
    intake_id: str


@pytest.fixture
async def watched(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Watched]:
    """The stage on SQLite."""
    async with _watched(migrated_sqlite_url, tmp_path) as watched:
        yield watched


@pytest.fixture
async def watched_on_each_engine(migrated_url: str, tmp_path: Path) -> AsyncIterator[Watched]:
    """The stage on SQLite, and on PostgreSQL."""
    async with _watched(migrated_url, tmp_path) as watched:
        yield watched


@asynccontextmanager
async def _watched(url: str, folder: Path) -> AsyncIterator[Watched]:
    village = Village()
    seen, other = village.child(1), village.child(2)
    async with open_stage(url, folder, village) as stage:
        intake_id = await stage.submit([seen.row(), other.row()])
        await stage.work()
        handover = await stage.handover("1")
        await stage.ask("GET", f"/v1/handovers/{handover.handover_id}", Role.COUNTY)
        told = {"document": {"number": seen.document}, "name": seen.name}
        await stage.ask("POST", "/v1/verifications", Role.CLERK, json=told)
        await number_log(stage.ground)
        yield Watched(stage, seen, other, handover.handover_id, intake_id)
