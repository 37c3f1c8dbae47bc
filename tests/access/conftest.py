"""A desk over an empty store."""

from collections.abc import AsyncIterator

import pytest

from tests.access.desk import Desk, open_desk


@pytest.fixture
async def desk(migrated_sqlite_url: str) -> AsyncIterator[Desk]:
    desk = await open_desk(migrated_sqlite_url)
    yield desk
    await desk.database.close()


@pytest.fixture
async def desk_on_each_engine(migrated_url: str) -> AsyncIterator[Desk]:
    desk = await open_desk(migrated_url)
    yield desk
    await desk.database.close()
