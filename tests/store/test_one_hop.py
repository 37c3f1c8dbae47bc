"""A statement goes to the connection's thread once, and all its rows arrive in order."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import pytest

from gateway.one_hop import MOST_WAITING, ROWS_AT_ONCE, Connection, open_connection

SIZES = [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 3 * ROWS_AT_ONCE + 7]
INSERT = "INSERT INTO t (a) VALUES (?)"
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


@pytest.fixture
async def counted(tmp_path: Path) -> AsyncIterator[Counted]:
    connection = Counted(lambda: sqlite3.connect(tmp_path / "store.db", isolation_level=None))
    await connection
    await connection.cursor().execute("CREATE TABLE t (a UNIQUE)")
    connection.trips = 0
    yield connection
    await connection.close()


async def test_a_statement_is_one_trip_to_the_thread(counted: Counted) -> None:
    for statement in ("CREATE TABLE u (a)", "INSERT INTO t (a) VALUES (1) RETURNING a"):
        cursor = counted.cursor()
        await cursor.execute(statement)
        await cursor.fetchall()
        await cursor.close()
    assert counted.trips == 2


async def test_what_has_no_answer_goes_with_the_next_statement(counted: Counted) -> None:
    cursor = counted.cursor()
    await cursor.execute("BEGIN IMMEDIATE")
    await cursor.execute(INSERT, (1,))
    await cursor.executemany(INSERT, [(2,), (3,)])
    assert (cursor.rowcount, counted.trips) == (2, 0)
    await cursor.execute("SELECT a FROM t")
    assert (await cursor.fetchall(), counted.trips) == ([(1,), (2,), (3,)], 1)
    await counted.rollback()
    await cursor.execute("SELECT a FROM t")
    assert await cursor.fetchall() == []


@pytest.mark.parametrize(
    "upsert", ["", " ON CONFLICT (a) DO UPDATE SET a = excluded.a, b = excluded.b"]
)
async def test_what_waits_goes_with_the_commit(counted: Counted, upsert: str) -> None:
    await counted.cursor().execute("CREATE TABLE u (a UNIQUE, b)")
    insert = f"INSERT INTO u (a, b) VALUES (?, ?){upsert}"
    for number in (1, 2):
        await counted.cursor().execute("BEGIN IMMEDIATE")
        await counted.cursor().execute(insert, (number, number))
        await counted.commit()
    assert counted.trips == 3
    cursor = counted.cursor()
    await cursor.execute("SELECT a, b FROM u")
    assert await cursor.fetchall() == [(1, 1), (2, 2)]


async def test_a_transaction_in_which_nothing_is_done_costs_no_trip(counted: Counted) -> None:
    for end in (counted.commit, counted.rollback):
        await counted.cursor().execute("BEGIN IMMEDIATE")
        await end()
    assert (counted.trips, counted.in_transaction) == (0, False)


async def test_what_waited_for_a_rolled_back_transaction_is_never_done(counted: Counted) -> None:
    await counted.cursor().execute("BEGIN IMMEDIATE")
    await counted.cursor().execute(INSERT, (1,))
    await counted.rollback()
    cursor = counted.cursor()
    await cursor.execute("SELECT a FROM t")
    assert await cursor.fetchall() == []


async def test_what_fails_is_told_by_the_next_trip_and_keeps_the_rest_from_being_done(
    counted: Counted,
) -> None:
    for ending in ("SELECT 1", "COMMIT"):
        cursor = counted.cursor()
        await cursor.execute("BEGIN IMMEDIATE")
        for number in (1, 1, 2):
            await cursor.execute(INSERT, (number,))
        with pytest.raises(sqlite3.IntegrityError):
            await (counted.commit() if ending == "COMMIT" else cursor.execute(ending))
        await cursor.execute("SELECT a FROM t")
        assert await cursor.fetchall() == [(1,)]
        await counted.rollback()


async def test_nothing_is_done_where_the_transaction_could_not_begin(
    counted: Counted, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await counted.cursor().execute("PRAGMA busy_timeout = 0")
    await counted.cursor().execute("BEGIN IMMEDIATE")
    await counted.cursor().execute(INSERT, (1,))
    with pytest.raises(sqlite3.OperationalError):
        await counted.commit()
    await counted.rollback()
    other.rollback()
    assert other.execute("SELECT count(*) FROM t").fetchall() == [(0,)]
    other.close()


async def test_no_more_rows_wait_than_a_trip_takes_in_a_moment(counted: Counted) -> None:
    cursor = counted.cursor()
    await cursor.execute("BEGIN IMMEDIATE")
    for number in range(MOST_WAITING + 1):
        await cursor.execute(INSERT, (number,))
    assert counted.trips == 1
    await cursor.executemany(INSERT, [(-1 - number,) for number in range(MOST_WAITING + 1)])
    assert counted.trips == 2
    await counted.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t (a) VALUES (?) ON CONFLICT DO NOTHING",
        "INSERT INTO t (a) VALUES (?), (?)",
        "INSERT INTO t (a) VALUES (?) RETURNING a",
        "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET a = t.a + 1",
        "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET a = excluded.a WHERE (t.a = 1)",
        "INSERT INTO t (a) SELECT ?",
        "UPDATE t SET a = ?",
        "DELETE FROM t WHERE a = ?",
    ],
)
async def test_a_statement_whose_effect_is_not_known_beforehand_is_told(
    counted: Counted, statement: str
) -> None:
    numbers = (1, 2)[: statement.count("?")]
    cursor = counted.cursor()
    await cursor.execute(statement, numbers)
    await cursor.fetchall()
    assert counted.trips == 1


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
    await connection.cursor().execute("BEGIN IMMEDIATE")
    began = asyncio.create_task(connection.cursor().execute("SELECT 1"))
    await asyncio.sleep(0)  # both are on their way to the thread
    began.cancel()
    with pytest.raises(asyncio.CancelledError):
        await began
    undone = asyncio.create_task(connection.rollback())
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(busy, undone)
    assert not connection.in_transaction
