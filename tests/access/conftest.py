"""A desk over an empty store."""

from collections.abc import AsyncIterator

import pytest

from tests.access.desk import Desk, open_desk


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    desk = await open_desk(sqlite_url)
    yield desk
    await desk.database.close()


@pytest.fixture
async def desk_on_each_engine(database_url: str) -> AsyncIterator[Desk]:
    desk = await open_desk(database_url)
    yield desk
    await desk.database.close()
