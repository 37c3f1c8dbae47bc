"""The bare store, for those who move it as a whole: no keys, no rooms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from gateway.database import Database, open_database
from gateway.settings import Settings


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Database]:
    """The store, which may not exist yet; closed at the end."""
    if settings.embedded:
        _make_folder(settings.database_url)
    database = open_database(settings.database_url)
    try:
        yield database
    finally:
        await database.close()


def _make_folder(url: str) -> None:
    Path(make_url(url).database or ".").parent.mkdir(parents=True, exist_ok=True)
