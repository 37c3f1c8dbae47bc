from collections.abc import AsyncIterator

import pytest

from gateway.database import Database
from tests.feed.pulling.door import Door, open_door


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    """The pull door, once on each engine."""
    async with open_door(database) as opened:
        yield opened
