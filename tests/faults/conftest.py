"""A small installation with short deadlines, whose registers may be made to lie."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crash.installation import Installation, open_installation
from tests.crash.village import Listed, list_children

DEADLINE_SECONDS = 1.0  # long enough for a machine that is busy with other tests


@pytest.fixture
def listed() -> Listed:
    """Seven children of different fates."""
    return list_children(1)


@pytest.fixture
async def town(
    migrated_sqlite: Path, tmp_path: Path, listed: Listed
) -> AsyncIterator[Installation]:
    """The installation that was handed their list."""
    world = listed.village.world
    async with open_installation(
        tmp_path, migrated_sqlite, world, listed.rows, DEADLINE_SECONDS
    ) as opened:
        yield opened
