"""The drill: a store is copied while it works, lost, and comes back as it was, on either engine."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from gateway.backup import BackupRefused, back_up, restore
from gateway.clock import VirtualClock
from gateway.database import Database, open_database
from gateway.evidence import Action, Actor, Entry, Gap, Log, Subject
from gateway.evidence.tables import entries
from gateway.identifiers import Identifiers
from gateway.migrations import declared_tables, migrate
from gateway.sealing import Sealer, load_keys, store_keys
from gateway.table_copies import decode_row, encode_row

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SEALER = Sealer(bytes(range(32)), bytes(range(32, 64)))


@pytest.fixture
def log() -> Log:
    clock = VirtualClock(NOW)
    return Log("a log", clock, Identifiers(clock, os.urandom))


@pytest.fixture
async def lived_in(database: Database, log: Log) -> Database:
    """A store with children, entries about them, and some that have no number yet."""
    await live(database, log, "later by name")
    async with database.transaction() as connection:
        await log.number(connection)
    await live(database, log, "earlier by name")
    return database


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[Database]:
    store = open_database(f"sqlite+aiosqlite:///{tmp_path / 'restored.db'}")
    yield store
    await store.close()


@pytest.fixture
async def postgres_store(postgres_url: str) -> AsyncIterator[Database]:
    store = open_database(postgres_url)
    yield store
    await store.close()


@pytest.fixture(params=["sqlite_store", "postgres_store"])
def empty(request: pytest.FixtureRequest) -> Database:
    store: Database = request.getfixturevalue(request.param)
    return store


async def live(database: Database, log: Log, name: str) -> None:
    wrapped, key = SEALER.new_key()
    child = Subject(SEALER.index("child", name), name, key, {"name": "测试"}, 1)
    actor = Actor("jisui", "", "", "")
    new = [
        Entry(Action.HANDOVER_MOVED, "carried", actor, "", "", f"案-{place}", "", "", (child,))
        for place in range(3)
    ]
    async with database.transaction() as connection:
        row = {"key_id": name, "wrapped": wrapped, "created_at": NOW}
        await store_keys(connection, [row])
        await log.append(connection, new)


async def contents(database: Database) -> dict[str, set[object]]:
    async with database.reading() as connection:
        return {
            table.name: {tuple(row) for row in await connection.execute(select(table))}
            for table in declared_tables().sorted_tables
        }


async def test_a_lost_store_comes_back_as_it_was(
    lived_in: Database, empty: Database, log: Log, tmp_path: Path
) -> None:
    before = await contents(lived_in)
    taken = await back_up(lived_in, tmp_path / "backup", NOW)
    assert await restore(empty, tmp_path / "backup") == taken
    assert await contents(empty) == before
    async with empty.reading() as connection:
        assert await log.root(connection) == (taken.evidence_size, taken.evidence_root)
        assert len(await load_keys(connection, ["later by name", "earlier by name"], SEALER)) == 2


async def test_a_restored_store_works_on(
    lived_in: Database, empty: Database, log: Log, tmp_path: Path
) -> None:
    await back_up(lived_in, tmp_path / "backup", NOW)
    await restore(empty, tmp_path / "backup")
    await live(empty, log, "third")
    async with empty.transaction() as connection:
        assert await log.number(connection) == 6
    async with empty.reading() as connection:
        assert (await log.root(connection))[0] == 9


async def test_a_backup_says_what_it_holds(lived_in: Database, tmp_path: Path) -> None:
    taken = await back_up(lived_in, tmp_path / "backup", NOW)
    assert (taken.tables["entries"].rows, taken.evidence_size) == (6, 3)
    modes = modes_of(tmp_path / "backup")
    assert modes.keys() == {f"{name}.jsonl" for name in taken.tables} | {"manifest.json"}
    assert set(modes.values()) == {0o600}
    lines = (tmp_path / "backup" / "data_keys.jsonl").read_text().splitlines()
    assert [json.loads(line)[0] for line in lines] == ["earlier by name", "later by name"]


def modes_of(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


async def test_a_backup_taken_while_others_write_is_one_moment(
    lived_in: Database, empty: Database, log: Log, tmp_path: Path
) -> None:
    over = asyncio.Event()

    async def write() -> int:
        for place in count():
            if over.is_set():
                return place
            await live(lived_in, log, f"meanwhile {place}")
        raise AssertionError("counting has no end")

    writing = asyncio.create_task(write())
    taken = await back_up(lived_in, tmp_path / "backup", NOW)
    over.set()
    assert await writing > 1
    assert taken.tables["entries"].rows == 3 * taken.tables["data_keys"].rows
    await restore(empty, tmp_path / "backup")


def changed_byte(folder: Path) -> None:
    path = folder / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"0", b"1", 1))


def missing_file(folder: Path) -> None:
    (folder / "entries.jsonl").unlink()


def missing_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def broken_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def changed_manifest(folder: Path, **members: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


def other_edition(folder: Path) -> None:
    changed_manifest(folder, edition="0000")


def other_tables(folder: Path) -> None:
    changed_manifest(folder, tables={})


def other_root(folder: Path) -> None:
    changed_manifest(folder, evidence_root="00" * 32)


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (changed_byte, "the file of entries is not the one"),
        (missing_file, "the file of entries is not the one"),
        (missing_manifest, "no readable manifest"),
        (broken_manifest, "no readable manifest"),
        (other_edition, "of edition 0000"),
        (other_tables, "other tables"),
        (other_root, "another root"),
    ],
)
async def test_a_spoilt_backup_is_refused_and_leaves_the_store_empty(
    lived_in: Database,
    sqlite_store: Database,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    reason: str,
) -> None:
    await back_up(lived_in, tmp_path / "backup", NOW)
    spoil(tmp_path / "backup")
    with pytest.raises(BackupRefused, match=reason):
        await restore(sqlite_store, tmp_path / "backup")
    await migrate(sqlite_store)
    assert not any((await contents(sqlite_store)).values())


async def test_a_store_that_changes_what_it_is_given_is_not_trusted(
    lived_in: Database, sqlite_store: Database, tmp_path: Path
) -> None:
    await back_up(lived_in, tmp_path / "backup", NOW)
    await migrate(sqlite_store)
    async with sqlite_store.transaction() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER spoil AFTER INSERT ON entries BEGIN"
            " UPDATE entries SET canonical = x'00' WHERE entry_id = new.entry_id; END"
        )
    with pytest.raises(BackupRefused, match="does not read back"):
        await restore(sqlite_store, tmp_path / "backup")


async def test_a_store_with_rows_is_not_overwritten(lived_in: Database, tmp_path: Path) -> None:
    await back_up(lived_in, tmp_path / "backup", NOW)
    before = await contents(lived_in)
    with pytest.raises(BackupRefused, match="not empty"):
        await restore(lived_in, tmp_path / "backup")
    assert await contents(lived_in) == before


async def test_a_backup_overwrites_no_folder(lived_in: Database, tmp_path: Path) -> None:
    await back_up(lived_in, tmp_path / "backup", NOW)
    with pytest.raises(BackupRefused, match="exists already"):
        await back_up(lived_in, tmp_path / "backup", NOW)


async def test_a_backup_cut_short_leaves_no_folder_of_its_name(
    lived_in: Database, tmp_path: Path
) -> None:
    async with lived_in.transaction() as connection:
        gap = update(entries).where(entries.c.position == 1).values(position=9)
        await connection.execute(gap)
    with pytest.raises(Gap, match="position 1"):
        await back_up(lived_in, tmp_path / "backup", NOW)
    assert not (tmp_path / "backup").exists()
    async with lived_in.transaction() as connection:
        mended = update(entries).where(entries.c.position == 9).values(position=1)
        await connection.execute(mended)
    await back_up(lived_in, tmp_path / "backup", NOW)


async def test_a_store_that_was_never_migrated_is_not_backed_up(
    empty: Database, tmp_path: Path
) -> None:
    with pytest.raises(BackupRefused, match="edition None"):
        await back_up(empty, tmp_path / "backup", NOW)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
    st.dictionaries(st.sampled_from(["bytes", "instant", "date", "json"]), st.text("ab")),
)


@given(st.lists(values, max_size=5))
def test_every_value_survives_its_line(row: list[object]) -> None:
    line = encode_row(row)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    read = decode_row(line)
    assert read == row
    assert [type(value) for value in read] == [type(value) for value in row]


def test_a_line_is_plain_json() -> None:
    line = encode_row([1, "汉", b"\x00", date(2026, 9, 1), None])
    assert line == '[1,"汉",{"bytes":"AA=="},{"date":"2026-09-01"},null]\n'.encode()
