"""The store's connection: one schema and one set of promises on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVarTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    MetaData,
    Select,
    Table,
    TypeDecorator,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncResult, create_async_engine

from gateway import one_hop

# Every package declares its tables here; names are fixed so that migrations can refer to them.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Columns = TypeVarTuple("Columns")
DatabaseKind = Literal["sqlite", "postgresql"]

BUSY_SECONDS = 30
_READERS = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# secure_delete: what is erased, a child's data key above all, is overwritten and not just unlinked.
_SQLITE_SETTINGS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, kept as whole microseconds since 1970 on either engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """The instant as microseconds; one without a time zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The instant, aware, in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Database:
    """A store that is written in transactions and read in snapshots."""

    def __init__(self, engine: AsyncEngine, readers: AsyncEngine, dialect: DatabaseKind) -> None:
        self.engine = engine
        self.dialect: DatabaseKind = dialect
        self._readers = readers

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose work is committed at the end, or undone where an exception leaves.

        SQLite writers take their turn at the start (BEGIN IMMEDIATE), so none fails half-way.
        """
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one snapshot of what is committed and refuses to write."""
        async with self._readers.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()
        await self.engine.dispose()


def open_database(url: str) -> Database:
    """The store at `sqlite+aiosqlite:///path` or `postgresql+asyncpg://…`; connects when used."""
    address = make_url(url)
    match address.get_backend_name():
        case "sqlite":
            return _open_sqlite(address)
        case "postgresql":
            return _open_postgresql(address)
        case other:
            raise ValueError(f"no such kind of store: {other}")


def insert_into(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that can say ON CONFLICT, in the words of the connection's engine."""
    return insert_on(connection.dialect.name, table)


def insert_on(engine: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The same where the engine is known by name, as for a statement that is made only once."""
    return postgresql.insert(table) if engine == "postgresql" else sqlite.insert(table)


@asynccontextmanager
async def streamed(
    connection: AsyncConnection, statement: Select[*Columns], rows_at_once: int
) -> AsyncIterator[AsyncResult[*Columns]]:
    """The rows of a long answer, a part at a time, read in flat memory."""
    # Unlike the library's own way this one closes what it opened where an exception leaves: on
    # SQLite the connection would otherwise stay in its old snapshot and show it to later readers.
    rows = await connection.stream(statement.execution_options(yield_per=rows_at_once))
    try:
        yield rows
    finally:
        await rows.close()


def _open_sqlite(address: URL) -> Database:
    if address.database in (None, "", ":memory:"):
        raise ValueError("the store needs a file: its connections share it")
    # The writers of one process queue for a single connection instead of polling for the lock.
    writer = _create_engine(address, pool_size=1, async_creator=_connector(address))
    readers = _create_engine(address, pool_size=_READERS, async_creator=_connector(address))
    _prepare_sqlite(writer, "BEGIN IMMEDIATE", _SQLITE_SETTINGS)
    _prepare_sqlite(readers, "BEGIN", (*_SQLITE_SETTINGS, "PRAGMA query_only = ON"))
    return Database(writer, readers, "sqlite")


def _connector(address: URL) -> Callable[[], Awaitable[one_hop.Connection]]:
    (path,), options = address.get_dialect()().create_connect_args(address)

    async def connect() -> one_hop.Connection:
        return await one_hop.open_connection(path, **options)

    return connect


def _create_engine(address: URL, **settings: Any) -> AsyncEngine:
    # Without hide_parameters, the text of every database error would quote the row's values.
    return create_async_engine(
        address, hide_parameters=True, max_overflow=0, pool_timeout=BUSY_SECONDS, **settings
    )


def _prepare_sqlite(engine: AsyncEngine, begin: str, settings: tuple[str, ...]) -> None:
    def settle(connection: Any, _record: object) -> None:  # the driver's own connection
        # The driver would begin by itself, and only before the first write: we begin instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    def undo(connection: Any, _record: object, _error: BaseException | None) -> None:
        # A cancelled statement's cursor lives on for a while, and a connection closed before its
        # cursors keeps its lock: without this, one cancelled task would stop all writers.
        connection.rollback()

    event.listen(engine.sync_engine, "connect", settle)
    event.listen(engine.sync_engine, "invalidate", undo)
    event.listen(engine.sync_engine, "begin", start)


def _open_postgresql(address: URL) -> Database:
    engine = _create_engine(address, pool_size=20, pool_pre_ping=True)
    readers = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(engine, readers, "postgresql")
