"""One statement for many: rows written together, and a column among many texts, on each engine."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from gateway.among import among, parameter
from gateway.database import Database, Instant, insert_on, open_database
from gateway.rows import write_rows

tables = MetaData()
papers = Table(
    "papers",
    tables,
    Column("name", String(64), primary_key=True),
    Column("row", Integer, nullable=False),
    Column("at", Instant),
    Column("sealed", LargeBinary),
    Column("signed", Boolean),
    Column("pages", BigInteger),
)
PAPERS = papers.insert()
TURN = update(papers).where(papers.c.name == bindparam("this_name")).values(row=papers.c.row + 1)
NOON = datetime(2026, 9, 1, 12, 30, 15, 123456, tzinfo=UTC)
NAMED = select(papers.c.name).where(among(papers.c.name, parameter("names")))
NAMES = ["a", "", "张·三", "o'brien", '"]', "\U00020bb7", "%"]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    async with opened.transaction() as connection:
        await connection.run_sync(tables.create_all)
    yield opened
    await opened.close()


def paper(name: str, row: int = 1) -> dict[str, object]:
    return {"name": name, "row": row, "at": NOON, "sealed": b"\x00\xff", "signed": True, "pages": 2}


async def written(store: Database) -> list[dict[str, object]]:
    async with store.reading() as connection:
        rows = await connection.execute(select(papers).order_by(papers.c.row))
        return [row._asdict() for row in rows]


async def test_rows_are_kept_as_the_library_would_keep_them(store: Database) -> None:
    rows = [paper(name, row) for row, name in enumerate(NAMES)]
    rows[0] |= {"at": None, "sealed": None, "signed": None, "pages": None}
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, rows)
    assert await written(store) == rows
    async with store.transaction() as connection:
        await connection.execute(papers.delete())
        await connection.execute(PAPERS, rows)
    assert await written(store) == rows


async def test_only_the_columns_that_the_rows_name_are_written(store: Database) -> None:
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, [{"row": 5, "name": "a"}])
        await write_rows(connection, PAPERS, [{"name": "b", "row": 6, "pages": 3}])
    short = [(row["name"], row["row"], row["pages"]) for row in await written(store)]
    assert short == [("a", 5, None), ("b", 6, 3)]


async def test_each_row_changes_what_it_names(store: Database) -> None:
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, [paper("a", 1), paper("b", 5), paper("c", 9)])
        turned = [{"this_name": name} for name in ("a", "c", "nobody")]
        await write_rows(connection, TURN, turned)
    assert [(row["name"], row["row"]) for row in await written(store)] == [
        ("a", 2),
        ("b", 5),
        ("c", 10),
    ]


async def test_a_row_that_is_there_already_may_be_passed_over(store: Database) -> None:
    async with store.transaction() as connection:
        statement = insert_on(connection.dialect.name, papers).on_conflict_do_nothing()
        await write_rows(connection, statement, [paper("a", 1)])
        await write_rows(connection, statement, [paper("a", 7), paper("b", 2)])
    assert [(row["name"], row["row"]) for row in await written(store)] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("end", ["read", "commit"])
async def test_what_was_written_stands_before_whatever_follows(store: Database, end: str) -> None:
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, [paper("a", 1)])
        await write_rows(connection, TURN, [{"this_name": "a"}])
        if end == "read":
            turned = await connection.execute(select(papers.c.row))
            assert turned.scalar_one() == 2
    assert [row["row"] for row in await written(store)] == [2]


async def test_rows_of_a_transaction_that_is_undone_are_never_written(store: Database) -> None:
    async with store.engine.connect() as connection:
        await write_rows(connection, PAPERS, [paper("a")])
        await connection.rollback()
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, [paper("b")])
    assert [row["name"] for row in await written(store)] == ["b"]


async def test_no_rows_ask_nothing(store: Database) -> None:
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, [])
    assert await written(store) == []


async def test_an_error_quotes_no_value(store: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with store.transaction() as connection:
            await write_rows(connection, PAPERS, [paper("a"), paper("a") | {"sealed": b"secret"}])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "row", [{"name": "a", "row": 1, "colour": "red"}, {"row": 1}], ids=["unknown", "missing"]
)
async def test_a_row_that_does_not_fit_its_statement_is_refused(
    store: Database, row: dict[str, object]
) -> None:
    async with store.transaction() as connection:
        with pytest.raises(ValueError, match="the statement"):
            await write_rows(connection, TURN if len(row) == 1 else PAPERS, [row])


async def test_a_default_that_the_rows_do_not_name_is_refused_and_not_left_out(
    store: Database,
) -> None:
    defaulted = Table(
        "defaulted", MetaData(), Column("n", Integer), Column("m", Integer, default=4)
    )
    async with store.transaction() as connection:
        with pytest.raises(ValueError, match="the rows do not name"):
            await write_rows(connection, insert(defaulted), [{"n": 1}])


@pytest.mark.parametrize("seed", range(3))
async def test_a_column_among_texts_is_whatever_equals_one_of_them(
    store: Database, seed: int
) -> None:
    chance = Random(seed)
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, [paper(name) for name in NAMES])
        for count in range(len(NAMES) + 3):
            wanted = chance.choices([*NAMES, "absent", "A"], k=count)
            direct = select(papers.c.name).where(among(papers.c.name, wanted))
            others = select(papers.c.name).where(~among(papers.c.name, wanted))
            assert set(await connection.scalars(NAMED, {"names": wanted})) == set(wanted) & {*NAMES}
            assert set(await connection.scalars(direct)) == set(wanted) & {*NAMES}
            assert set(await connection.scalars(others)) == {*NAMES} - set(wanted)


async def test_what_is_among_texts_is_changed_and_removed(store: Database) -> None:
    async with store.transaction() as connection:
        await write_rows(connection, PAPERS, [paper(name, 1) for name in "abc"])
        await connection.execute(papers.update().where(among(papers.c.name, "ab")).values(row=2))
        await connection.execute(papers.delete().where(among(papers.c.name, {"a", "c"})))
    assert [(row["name"], row["row"]) for row in await written(store)] == [("b", 2)]


async def test_a_column_among_many_texts_is_found_by_its_index(sqlite_url: str) -> None:
    store = open_database(sqlite_url)
    async with store.transaction() as connection:
        await connection.run_sync(tables.create_all)
        statement = str(NAMED.compile(dialect=connection.dialect))
        plan = await connection.execute(
            text(f"EXPLAIN QUERY PLAN {statement}".replace("?", "'[]'"))
        )
        steps = " ".join(str(row.detail) for row in plan)
    await store.close()
    assert "SEARCH papers USING COVERING INDEX" in steps
