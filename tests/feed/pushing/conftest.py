"""What the tests of pushing share."""

from collections.abc import AsyncIterator

import pytest

from gateway.database import Database, open_database


@pytest.fixture
async def embedded(migrated_sqlite_url: str) -> AsyncIterator[Database]:
    """A store of the quicker engine, for what does not depend on it."""
    store = open_database(migrated_sqlite_url)
    yield store
    await store.close()
