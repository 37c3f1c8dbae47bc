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
    prepare_store(settings)
    database = open_database(settings.database_url)
    try:
        yield database
    finally:
        await database.close()


def prepare_store(settings: Settings) -> None:
    """Make the folder of an embedded store where it is not there yet."""
    if settings.embedded:
        file = Path(make_url(settings.database_url).database or ".")
        file.parent.mkdir(parents=True, exist_ok=True)
