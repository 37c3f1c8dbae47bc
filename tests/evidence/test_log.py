"""Entries live and die with their transaction, hide every child, and add up to one root."""

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, String, Text, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import VirtualClock
from gateway.database import Database, open_database
from gateway.evidence import Action, Actor, Entry, Gap, Log, Subject
from gateway.evidence.log import subject_context
from gateway.evidence.tables import entries, entry_subjects
from gateway.identifiers import Identifiers
from gateway.sealing import DataKey, Sealer, data_keys, destroy_key, load_keys, store_keys
from gateway.sequence.lease import sequence_leases
from tests.evidence.test_merkle import root_by_definition

NOW = datetime(2026, 9, 1, tzinfo=UTC)
NAME, NUMBER = "欧阳测试·阿卜杜拉", "G999999201801010014"
SEALER = Sealer(bytes(range(32)), bytes(range(32, 64)))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def log(clock: VirtualClock) -> Log:
    return Log("a log", clock, Identifiers(clock, os.urandom))


def entry(case: str, *subjects: Subject) -> Entry:
    return Entry(
        action=Action.HANDOVER_MOVED,
        outcome="carried",
        actor=Actor("jisui", "", "", ""),
        purpose="handover",
        basis="",
        case=case,
        object_ref="",
        request_id="trace-1",
        subjects=subjects,
    )


async def new_subject(
    database: Database, key_id: str, row: int, detail: Mapping[str, object]
) -> Subject:
    wrapped, key = SEALER.new_key()
    async with database.transaction() as connection:
        await store_keys(connection, [{"key_id": key_id, "wrapped": wrapped, "created_at": NOW}])
    ref = SEALER.index("child", key_id)
    return Subject(ref=ref, key_id=key_id, key=key, detail=detail, row=row)


async def append(database: Database, log: Log, *new: Entry) -> list[str]:
    async with database.transaction() as connection:
        return await log.append(connection, new)


async def number(database: Database, log: Log) -> int:
    async with database.transaction() as connection:
        return await log.number(connection)


async def root(database: Database, log: Log) -> tuple[int, str]:
    async with database.reading() as connection:
        return await log.root(connection)


async def stored(connection: AsyncConnection) -> list[bytes]:
    ordered = select(entries.c.canonical).order_by(entries.c.position, entries.c.entry_id)
    return list((await connection.execute(ordered)).scalars())


async def test_an_entry_is_there_when_its_transaction_is(database: Database, log: Log) -> None:
    ids = await append(database, log, entry("case-1"), entry("case-2"))
    async with database.reading() as connection:
        read = [json.loads(each[1:]) for each in await stored(connection)]
    assert [each["case"] for each in read] == ["case-1", "case-2"]
    assert [each["id"] for each in read] == ids
    assert {each["at"] for each in read} == {NOW.timestamp() * 1000}


async def test_an_entry_is_gone_with_its_transaction(database: Database, log: Log) -> None:
    async def fail() -> None:
        async with database.transaction() as connection:
            await log.append(connection, [entry("case-1")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await number(database, log) == 0


async def test_nothing_to_append_is_nothing(database: Database, log: Log) -> None:
    assert await append(database, log) == []


async def test_the_root_is_that_of_the_numbered_entries(database: Database, log: Log) -> None:
    assert await root(database, log) == (0, hashlib.sha256(b"").hexdigest())
    await append(database, log, *(entry(f"case-{place}") for place in range(5)))
    assert await number(database, log) == 5
    await append(database, log, entry("not numbered yet"))
    async with database.reading() as connection:
        numbered = select(entries.c.canonical).where(entries.c.position.is_not(None))
        leaves = list((await connection.execute(numbered.order_by(entries.c.position))).scalars())
    assert await root(database, log) == (5, root_by_definition(leaves).hex())


async def test_a_changed_entry_changes_the_root(database: Database, log: Log) -> None:
    await append(database, log, entry("case-1"), entry("case-2"))
    await number(database, log)
    before = await root(database, log)
    async with database.transaction() as connection:
        other = update(entries).where(entries.c.position == 1).values(canonical=b"\x01{}")
        await connection.execute(other)
    assert await root(database, log) != before


async def test_a_removed_entry_is_noticed(database: Database, log: Log) -> None:
    await append(database, log, entry("case-1"), entry("case-2"))
    await number(database, log)
    async with database.transaction() as connection:
        await connection.execute(delete(entries).where(entries.c.position == 1))
    with pytest.raises(Gap, match="position 1"):
        await root(database, log)


async def test_two_processes_number_one_log(
    database: Database, log: Log, clock: VirtualClock
) -> None:
    other = Log("a log", clock, Identifiers(clock, os.urandom))
    await append(database, log, entry("case-1"))
    await append(database, other, entry("case-2"))
    assert await number(database, log) == 2
    assert await number(database, other) == 0
    async with database.transaction() as connection:
        await log.stop(connection)
    await append(database, log, entry("case-3"))
    assert await number(database, other) == 1
    assert (await root(database, log))[0] == 3


async def test_a_call_is_one_entry_with_one_hash_a_child(database: Database, log: Log) -> None:
    details = ({"name": NAME, "verdict": "MATCH"}, {"name": "测试二", "verdict": None})
    second = await new_subject(database, "key-2", 2, details[1])
    first = await new_subject(database, "key-1", 1, details[0])
    [entry_id] = await append(database, log, entry("case-1", second, first))
    async with database.reading() as connection:
        [canonical] = await stored(connection)
        by_row = select(entry_subjects).order_by(entry_subjects.c.row)
        rows = (await connection.execute(by_row)).all()
        keys = await load_keys(connection, ["key-1", "key-2"], SEALER)
    assert [(row.row, row.ref) for row in rows] == [(1, first.ref), (2, second.ref)]
    opened = [keys[row.key_id].open(row.sealed, subject_context(entry_id, row.row)) for row in rows]
    assert [json.loads(each[16:]) for each in opened] == list(details)
    hashes = [hashlib.sha256(each).hexdigest() for each in opened]
    assert json.loads(canonical[1:])["subjects"] == hashes


async def test_equal_details_never_have_equal_hashes(database: Database, log: Log) -> None:
    child = await new_subject(database, "key-1", 1, {"name": NAME})
    await append(database, log, entry("case-1", child), entry("case-2", child))
    async with database.reading() as connection:
        hashes = {json.loads(each[1:])["subjects"][0] for each in await stored(connection)}
    assert len(hashes) == 2


async def test_what_happened_to_a_child_is_found_by_its_blind_reference(
    database: Database, log: Log
) -> None:
    child = await new_subject(database, "key-1", 1, {"name": NAME})
    other = await new_subject(database, "key-2", 1, {"name": NAME})
    about = await append(
        database, log, entry("1", child), entry("2", other), entry("3", child), entry("4")
    )
    async with database.reading() as connection:
        found = select(entry_subjects.c.entry_id).where(entry_subjects.c.ref == child.ref)
        assert set((await connection.execute(found)).scalars()) == {about[0], about[2]}


async def test_an_erased_child_leaves_the_root_as_it_was(database: Database, log: Log) -> None:
    child = await new_subject(database, "key-1", 1, {"name": NAME})
    await append(database, log, entry("case-1", child))
    await number(database, log)
    before = await root(database, log)
    async with database.transaction() as connection:
        await destroy_key(connection, "key-1", NOW)
    assert await root(database, log) == before
    async with database.reading() as connection:
        assert await load_keys(connection, ["key-1"], SEALER) == {}


async def test_no_value_of_the_evidence_shows_a_child(database: Database, log: Log) -> None:
    child = await new_subject(database, "key-1", 1, {"name": NAME, "number": NUMBER})
    await append(database, log, entry("case-1", child))
    assert_hidden(await everything(database))


async def test_the_whole_file_shows_no_child(
    migrated_sqlite_url: str, tmp_path: Path, log: Log
) -> None:
    database = open_database(migrated_sqlite_url)
    child = await new_subject(database, "key-1", 1, {"name": NAME, "number": NUMBER})
    await append(database, log, entry("the canary sings", child))
    files = stored_bytes(tmp_path)
    await database.close()
    assert b"the canary sings" in files
    assert_hidden(files)
    assert_hidden(stored_bytes(tmp_path))


def stored_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def everything(database: Database) -> bytes:
    """Every text and every run of bytes in the tables that the log writes."""
    found = []
    async with database.reading() as connection:
        for table in (data_keys, entries, entry_subjects, sequence_leases):
            columns = [c for c in table.c if isinstance(c.type, String | Text | LargeBinary)]
            for row in await connection.execute(select(*columns)):
                found += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    assert len(found) > 5
    return b"\n".join(found)


def assert_hidden(shown: bytes) -> None:
    for canary in (NAME, NUMBER, NUMBER[1:]):
        assert canary.encode() not in shown
        assert canary.encode("utf-16-le") not in shown
        assert json.dumps(canary).strip('"').encode() not in shown


def test_a_subject_does_not_show_itself() -> None:
    child = Subject("ref", "key-1", DataKey(bytes(32)), {"name": NAME}, 1)
    assert NAME not in repr(entry("case-1", child))
