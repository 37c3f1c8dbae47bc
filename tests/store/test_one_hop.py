"""A statement goes to the connection's thread once, and all its rows arrive in order."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import pytest

from gateway.one_hop import ROWS_AT_ONCE, Connection, open_connection

SIZES = [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 3 * ROWS_AT_ONCE + 7]
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT ?"


class Counted(Connection):
    """Counts how often the thread was gone to."""

    trips = 0

    async def _execute(self, fn, *args, **kwargs):  # type: ignore[no-untyped-def]
        self.trips += 1
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    opened = await open_connection(str(tmp_path / "store.db"), isolation_level=None)
    yield opened
    await opened.close()


@pytest.mark.parametrize("size", SIZES)
async def test_all_rows_arrive_in_order(connection: Connection, size: int) -> None:
    cursor = connection.cursor()
    await cursor.execute(COUNT, (size,))
    assert await cursor.fetchall() == [(number,) for number in range(1, size + 1)]
    assert await cursor.fetchall() == []


@pytest.mark.parametrize("at_once", [1, 7, ROWS_AT_ONCE, ROWS_AT_ONCE + 5])
@pytest.mark.parametrize("size", SIZES)
async def test_parts_are_full_until_the_rows_end(
    connection: Connection, size: int, at_once: int
) -> None:
    cursor = connection.cursor()
    await cursor.execute(COUNT, (size,))
    parts = []
    while part := await cursor.fetchmany(at_once):
        parts.append(part)
    assert [number for part in parts for (number,) in part] == list(range(1, size + 1))
    assert all(len(part) == at_once for part in parts[:-1])


async def test_rows_can_be_taken_one_by_one(connection: Connection) -> None:
    cursor = connection.cursor()
    await cursor.execute(COUNT, (2,))
    assert [await cursor.fetchone() for _ in range(3)] == [(1,), (2,), None]


async def test_a_statement_is_one_trip_to_the_thread(tmp_path: Path) -> None:
    connection = Counted(lambda: sqlite3.connect(tmp_path / "store.db", isolation_level=None))
    await connection
    for statement in ("CREATE TABLE t (a)", "INSERT INTO t VALUES (1) RETURNING a", "BEGIN"):
        cursor = connection.cursor()
        await cursor.execute(statement)
        await cursor.fetchall()
        await cursor.close()
    assert connection.trips == 3
    await connection.commit()
    await connection.rollback()
    assert connection.trips == 4  # nothing was left to undo
    await connection.close()


async def test_a_statement_half_read_keeps_no_snapshot_once_it_is_closed(
    connection: Connection,
) -> None:
    make, read = connection.cursor(), connection.cursor()
    await make.execute("CREATE TABLE t (a)")
    await make.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(2 * ROWS_AT_ONCE)])
    await read.execute("SELECT a FROM t")
    await read.close()
    await make.execute("DROP TABLE t")  # refused while a statement still reads it
    assert await read.fetchall() == []


async def test_what_a_cancelled_statement_began_is_undone(connection: Connection) -> None:
    gate = Event()
    busy = asyncio.create_task(connection.on_thread(lambda _: gate.wait(5)))
    began = asyncio.create_task(connection.cursor().execute("BEGIN IMMEDIATE"))
    await asyncio.sleep(0)  # both are on their way to the thread
    began.cancel()
    with pytest.raises(asyncio.CancelledError):
        await began
    undone = asyncio.create_task(connection.rollback())
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(busy, undone)
    assert not connection.in_transaction
