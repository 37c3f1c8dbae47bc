"""Stages over a migrated store: on SQLite alone, or once on each engine."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.intake.stage import Stage, open_stage
from tests.intake.village import Village


class Staged(Protocol):
    """Opens a stage for a village, with settings of intake."""

    def __call__(self, village: Village, **intake: object) -> Awaitable[Stage]: ...


@pytest.fixture
def village() -> Village:
    """An empty village: schools and kindergartens, no child yet."""
    return Village()


@pytest.fixture
async def staged(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Staged]:
    """Opens the stage over SQLite."""
    async with AsyncExitStack() as stages:
        yield _opener(stages, migrated_sqlite_url, tmp_path)


@pytest.fixture
async def staged_on_each_engine(migrated_url: str, tmp_path: Path) -> AsyncIterator[Staged]:
    """Opens the stage over SQLite, and over PostgreSQL."""
    async with AsyncExitStack() as stages:
        yield _opener(stages, migrated_url, tmp_path)


def _opener(stages: AsyncExitStack, url: str, folder: Path) -> Staged:
    async def stage(village: Village, **intake: object) -> Stage:
        return await stages.enter_async_context(open_stage(url, folder, village, **intake))

    return stage
