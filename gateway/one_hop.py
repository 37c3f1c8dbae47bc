"""SQLite on a thread of its own, gone to for answers only, which bring their first rows along.

The library goes there four times a statement, to make a cursor, to execute, to fetch and to close,
and going there costs more than what most statements do there. A statement that has nothing to
answer, as BEGIN or the INSERT of a row, goes along with the next one or with the commit; where it
fails, that one tells.
"""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")

ROWS_AT_ONCE = 100  # that come along; further ones are fetched
MOST_WAITING = 100  # rows to be inserted that wait for the next trip

_BEGIN = frozenset({"BEGIN", "BEGIN IMMEDIATE"})
# One row of parameters for each row inserted, whatever was there before.
_INSERT = re.compile(
    r"INSERT INTO [a-z_]+ \([a-z_\", ]+\) VALUES \([?, ]+\)"
    r"(?: ON CONFLICT \([a-z_, ]+\) DO UPDATE SET [a-z_]+ = excluded\.[a-z_]+"
    r"(?:, [a-z_]+ = excluded\.[a-z_]+)*)?"
)

Waiting = tuple[str, Sequence[Sequence[Any]]]  # a statement, and the rows it is executed for


class Connection(aiosqlite.Connection):
    """The library's connection with cursors of ours, and without trips for nothing."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        """`connect` is called on the thread that the connection will live on."""
        super().__init__(connect, ROWS_AT_ONCE)
        self._thread.daemon = True  # nobody waits for it where a process ends in disorder
        self._forsaken = False
        self._waiting: list[Waiting] = []  # for the next trip
        self._rows_waiting = 0

    def cursor(self) -> "Cursor":  # type: ignore[override]  # the library's awaits one instead
        """A cursor, which does not go to the thread before it executes."""
        return Cursor(self)

    async def on_thread(self, act: Callable[..., T], *arguments: object) -> T:
        """What `act` of the driver's connection comes to, after all that waited."""
        going = partial(_in_turn, self._take_waiting(), act) if self._waiting else act
        try:
            return await self._execute(going, self._conn, *arguments)  # type: ignore[no-any-return,no-untyped-call]
        except asyncio.CancelledError:
            self._forsaken = True  # it goes on over there, and may yet begin a transaction
            raise

    def later(self, statement: str, rows: Sequence[Sequence[Any]]) -> bool:
        """Have the next trip execute this for each row first, where nobody asks what it came to.

        False where too many rows would wait.
        """
        more = 0 if statement in _BEGIN else len(rows)
        if self._rows_waiting + more > MOST_WAITING:
            return False
        self._waiting.append((statement, rows))
        self._rows_waiting += more
        return True

    async def commit(self) -> None:
        """Commit the transaction, where anything was done in one."""
        if not self._rows_waiting:
            self._waiting = []  # a BEGIN that nothing followed
        if self._waiting or self._forsaken or self._conn.in_transaction:
            await self.on_thread(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Undo the transaction, where there is or may be one."""
        self._take_waiting()
        if self._forsaken or self._conn.in_transaction:
            await super().rollback()

    def _take_waiting(self) -> list[Waiting]:
        waiting, self._waiting, self._rows_waiting = self._waiting, [], 0
        return waiting


async def open_connection(path: str, **options: Any) -> Connection:
    """A connection to the file, with the options of `sqlite3.connect`."""
    connection = Connection(partial(sqlite3.connect, path, **options))
    await connection
    return connection


class Cursor:
    """One statement at a time, and what it gave."""

    def __init__(self, connection: Connection) -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1
        self._connection = connection
        self._rows: list[Any] = []
        self._open: sqlite3.Cursor | None = None  # while it may have more rows

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Execute a statement and take its first rows along; one without an answer may wait."""
        if not self._waits(statement, [parameters]):
            await self._connection.on_thread(self._execute, statement, parameters)

    async def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute a statement once for each row of parameters; one without an answer may wait."""
        many = list(rows)
        if not self._waits(statement, many):
            await self._connection.on_thread(self._execute_many, statement, many)

    async def fetchone(self) -> Any:
        """The next row, or None."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows, fewer than `size` only where there are no more."""
        wanted = size or self.arraysize
        taken, self._rows = self._rows[:wanted], self._rows[wanted:]
        if self._open is not None and len(taken) < wanted:
            taken += await self._connection.on_thread(self._fetch, wanted - len(taken))
        return taken

    async def fetchall(self) -> list[Any]:
        """All rows that are left."""
        taken, self._rows = self._rows, []
        if self._open is not None:
            taken += await self._connection.on_thread(self._fetch, None)
        return taken

    async def close(self) -> None:
        """Let go of the statement; one that has given all its rows is done with already."""
        self._rows = []
        if self._open is not None:
            await self._connection.on_thread(self._finish)

    def _waits(self, statement: str, rows: Sequence[Sequence[Any]]) -> bool:
        """Whether the statement goes along with the next one; what it will come to is known."""
        known = statement in _BEGIN or _answerless(statement)
        if not known or not self._connection.later(statement, rows):
            return False
        self.description, self.rowcount = None, len(rows)
        return True

    def _execute(
        self, connection: sqlite3.Connection, statement: str, parameters: Sequence[Any]
    ) -> None:
        self._hear(connection, connection.execute(statement, parameters))

    def _execute_many(
        self, connection: sqlite3.Connection, statement: str, rows: Iterable[Sequence[Any]]
    ) -> None:
        self._hear(connection, connection.executemany(statement, rows))

    def _hear(self, connection: sqlite3.Connection, cursor: sqlite3.Cursor) -> None:
        self.description, self._open = cursor.description, cursor
        self._rows = cursor.fetchmany(ROWS_AT_ONCE) if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        if len(self._rows) < ROWS_AT_ONCE:
            self._finish(connection)

    def _fetch(self, connection: sqlite3.Connection, count: int | None) -> list[Any]:
        assert self._open is not None
        rows = self._open.fetchall() if count is None else self._open.fetchmany(count)
        if count is None or len(rows) < count:
            self._finish(connection)
        return rows

    def _finish(self, _: sqlite3.Connection) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


@lru_cache(maxsize=512)
def _answerless(statement: str) -> bool:
    return _INSERT.fullmatch(statement) is not None


def _in_turn(
    waiting: Sequence[Waiting],
    act: Callable[..., T],
    connection: sqlite3.Connection,
    *arguments: object,
) -> T:
    for statement, rows in waiting:
        if len(rows) == 1:
            connection.execute(statement, rows[0])
        else:
            connection.executemany(statement, rows)
    return act(connection, *arguments)
