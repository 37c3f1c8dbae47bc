"""The app over a real store, asked through its ASGI door."""

from collections.abc import AsyncIterator

import httpx2 as httpx
import pytest

from tests.access.desk import Desk, open_desk
from tests.api.app import app_of


@pytest.fixture
async def desk(migrated_sqlite_url: str) -> AsyncIterator[Desk]:
    desk = await open_desk(migrated_sqlite_url)
    yield desk
    await desk.database.close()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_of(desk), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client
