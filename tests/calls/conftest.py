"""A store for the calls of one process; what several processes share is tried on both engines."""

from collections.abc import AsyncIterator

import pytest

from gateway.database import Database, open_database


@pytest.fixture
async def store(migrated_sqlite_url: str) -> AsyncIterator[Database]:
    """A migrated store, open."""
    database = open_database(migrated_sqlite_url)
    yield database
    await database.close()
