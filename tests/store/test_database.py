"""What the store promises on either engine: whole transactions, one snapshot a reading."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from traceback import format_exception

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import BUSY_SECONDS, Database, Instant, insert_into, open_database, streamed

tables = MetaData()
tallies = Table(
    "tallies",
    tables,
    Column("name", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", Instant),
)
marks = Table("marks", tables, Column("tally", ForeignKey("tallies.name"), primary_key=True))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    async with opened.transaction() as connection:
        await connection.run_sync(tables.create_all)
        await connection.execute(tallies.insert(), {"name": "a", "count": 0})
    yield opened
    await opened.close()


async def count(connection: AsyncConnection) -> int:
    tally = select(tallies.c.count).where(tallies.c.name == "a")
    return (await connection.execute(tally)).scalar_one()


async def count_up(store: Database) -> None:
    async with store.transaction() as connection:
        row = select(tallies.c.count).where(tallies.c.name == "a").with_for_update()
        before = (await connection.execute(row)).scalar_one()
        await connection.execute(tallies.update().values(count=before + 1))


async def test_what_a_transaction_did_is_there_afterwards(store: Database) -> None:
    await count_up(store)
    async with store.reading() as connection:
        assert await count(connection) == 1


async def test_a_transaction_left_by_an_exception_did_nothing(store: Database) -> None:
    async def fail() -> None:
        async with store.transaction() as connection:
            await connection.execute(tallies.update().values(count=7))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.reading() as connection:
        assert await count(connection) == 0


async def test_a_cancelled_transaction_did_nothing_and_blocks_nobody(store: Database) -> None:
    written = asyncio.Event()

    async def hang() -> None:
        async with store.transaction() as connection:
            await connection.execute(tallies.update().values(count=7))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await count_up(store)
    async with store.reading() as connection:
        assert await count(connection) == 1


async def test_writers_cancelled_at_any_moment_block_nobody(store: Database) -> None:
    chance = Random(7)
    for _ in range(60):
        writer = asyncio.create_task(count_up(store))
        await asyncio.sleep(chance.random() * 0.003)
        writer.cancel()
        await asyncio.wait([writer])
        async with asyncio.timeout(BUSY_SECONDS * 0.8):
            await count_up(store)
    async with store.reading() as connection:
        assert await count(connection) >= 60


async def test_many_writers_at_once_lose_no_update(store: Database) -> None:
    await asyncio.gather(*(count_up(store) for _ in range(60)))
    async with store.reading() as connection:
        assert await count(connection) == 60


async def test_writers_of_two_processes_lose_no_update(store: Database, database_url: str) -> None:
    other = open_database(database_url)
    await asyncio.gather(*(count_up(each) for _ in range(20) for each in (store, other)))
    async with other.reading() as connection:
        assert await count(connection) == 40
    await other.close()


async def test_a_reading_sees_one_snapshot_while_others_write(store: Database) -> None:
    async with store.reading() as connection:
        assert await count(connection) == 0
        await count_up(store)
        assert await count(connection) == 0
    async with store.reading() as connection:
        assert await count(connection) == 1


async def test_a_stream_left_half_read_shows_nobody_its_old_snapshot(store: Database) -> None:
    rows = [{"name": f"{place}", "count": 0} for place in range(500)]
    async with store.transaction() as connection:
        await connection.execute(tallies.insert(), rows)

    async def stop_half_way() -> None:
        async with (
            store.reading() as connection,
            streamed(connection, select(tallies.c.count), 10) as found,
        ):
            async for _ in found:
                raise ZeroDivisionError

    # Whoever keeps the exception keeps all that the frames it passed through refer to.
    with pytest.raises(ZeroDivisionError) as kept:
        await stop_half_way()
    await count_up(store)
    async with store.reading() as connection:
        assert await count(connection) == 1
    assert kept.value


async def test_a_reading_refuses_to_write(store: Database) -> None:
    with pytest.raises(DBAPIError):
        async with store.reading() as connection:
            await connection.execute(tallies.update().values(count=7))
    await count_up(store)
    async with store.reading() as connection:
        assert await count(connection) == 1


async def test_a_row_must_refer_to_one_that_exists(store: Database) -> None:
    with pytest.raises(IntegrityError):
        async with store.transaction() as connection:
            await connection.execute(marks.insert(), {"tally": "missing"})


async def test_an_error_of_the_store_tells_no_values(store: Database) -> None:
    async def repeat_a_row() -> None:
        async with store.transaction() as connection:
            rows = [{"name": "c", "count": 424242}, {"name": "c", "count": 434343}]
            await connection.execute(tallies.insert(), rows)

    with pytest.raises(IntegrityError) as caught:
        await repeat_a_row()
    shown = "".join(format_exception(caught.value))
    assert "424242" not in shown
    assert "434343" not in shown


async def test_a_conflicting_row_can_be_passed_over(store: Database) -> None:
    async with store.transaction() as connection:
        rows = [{"name": "a", "count": 9}, {"name": "b", "count": 9}]
        await connection.execute(insert_into(connection, tallies).on_conflict_do_nothing(), rows)
        total = (await connection.execute(select(func.sum(tallies.c.count)))).scalar_one()
    assert total == 9


async def test_an_instant_comes_back_to_the_microsecond_in_utc(store: Database) -> None:
    at = datetime(2026, 9, 1, 8, 0, 0, 123457, tzinfo=timezone(timedelta(hours=8)))
    async with store.transaction() as connection:
        await connection.execute(tallies.update().values(at=at))
        earlier = select(tallies.c.at).where(tallies.c.at > at - timedelta(microseconds=1))
        read = (await connection.execute(earlier)).scalar_one()
    assert read == at
    assert read is not None
    assert read.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_instant_is_stored_exactly(at: datetime) -> None:
    kind, engine = Instant(), sqlite.dialect()
    assert kind.process_result_value(kind.process_bind_param(at, engine), engine) == at


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Instant().process_bind_param(datetime(2026, 9, 1), sqlite.dialect())  # noqa: DTZ001


async def test_sqlite_forgets_nothing_and_keeps_nothing_erased(sqlite_url: str) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    store = open_database(sqlite_url)
    for door in (store.transaction, store.reading):
        async with door() as connection:
            read = {
                name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
                for name in expected
            }
        assert read == expected
    await store.close()


@pytest.mark.parametrize(
    "url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "mysql://x"]
)
def test_a_store_that_cannot_keep_the_promises_is_not_opened(url: str) -> None:
    with pytest.raises(ValueError, match="store"):
        open_database(url)
