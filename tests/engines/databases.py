"""Databases on a PostgreSQL server: empty ones, and quick copies of a migrated template."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import asyncpg

TEMPLATE_LOCK = 20_261_122  # any number, the same for all test processes


def named(dsn: str, database: str) -> str:
    """The same server's address with another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def for_sqlalchemy(dsn: str) -> str:
    """The address as the product writes it, driver included."""
    return urlunsplit(urlsplit(dsn)._replace(scheme="postgresql+asyncpg"))


def create_database(dsn: str, name: str, template: str = "template0") -> None:
    """A new database on the server, empty or a copy of the template."""
    finish(_execute(dsn, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))


def drop_database(dsn: str, name: str) -> None:
    """Remove the database, whoever is still connected to it."""
    finish(_execute(dsn, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def ensure_template(
    dsn: str, name: str, fill: Callable[[str], Coroutine[None, None, None]]
) -> None:
    """The template exists and is filled, whichever of several processes comes first."""
    finish(_ensure_template(dsn, name, fill))


def finish(work: Coroutine[None, None, None]) -> None:
    """Run the work to its end on a thread of its own: the test's event loop stays untouched."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()


async def _ensure_template(
    dsn: str, name: str, fill: Callable[[str], Coroutine[None, None, None]]
) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", TEMPLATE_LOCK)
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return
        draft = f"{name}_draft"  # renamed when whole, so that a half-filled one is never copied
        await connection.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{draft}" TEMPLATE template0')
        await fill(for_sqlalchemy(named(dsn, draft)))
        await connection.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
    finally:
        await connection.close()


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
