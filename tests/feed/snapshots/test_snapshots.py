"""A snapshot and the events from its next number on are together the whole stream's state.

`TEST_CHANGES` sets how many changes the eight writers write together; 400 where it is not given.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from contracts.events import Event, load_vocabulary
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.feed.snapshots.folder import FolderInUse, require_free, write_file, write_signed
from gateway.feed.snapshots.manifest import NotGenuine, open_snapshot, read_lines
from gateway.feed.snapshots.state import States
from gateway.feed.snapshots.taking import Signed, Taking
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.subscription import load_subscription
from gateway.sealing import destroy_key
from tests.feed.province import (
    HERE,
    NOW,
    SEALER,
    THERE,
    Child,
    change,
    children,
    publish_for_ever,
    read,
    record,
    recorder,
)
from tests.feed.subscribing.office import Office, terms

CHANGES = int(os.environ.get("TEST_CHANGES", "400"))
WRITERS = 8


@pytest.fixture
def office(database: Database) -> Office:
    """An operator's desk over a migrated store, once on each engine."""
    return Office(database)


async def take(store: Database, subscription_id: str, folder: Path, lines: int = 7) -> Signed:
    """A snapshot in a folder."""
    require_free(folder)
    states = States(SEALER, load_vocabulary(), load_field_policies())
    async with store.reading() as connection:
        found = await load_subscription(connection, subscription_id)
        taking = Taking(states, SEALER, connection, found, lines)
        async for file, content in taking.files():
            await write_file(folder, file.name, content)
        signed = await taking.sign(NOW)
    await write_signed(folder, signed)
    return signed


def reached(known: dict[str, int], events: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Each child's version as somebody has it who knew this much and reads these."""
    for event in events:
        known[event["child"]] = event["childVersion"]
    return known


async def events(store: Database, subscription_id: str, after: int) -> list[dict[str, Any]]:
    return [event["data"] for event in json.loads(await read(store, subscription_id, after, 9**9))]


async def test_a_snapshot_and_what_follows_are_the_whole_while_eight_write(
    office: Office, migrated_url: str, tmp_path: Path
) -> None:
    made = await children(office.store, 60)
    granted, given = await office.grant(terms("33"))
    publishing = asyncio.create_task(publish_for_ever(office.store, "leader", NOW))
    writing = [asyncio.create_task(write(office.store, made, Random(n))) for n in range(WRITERS)]
    taken = []
    while not all(task.done() for task in writing):
        folder = tmp_path / str(len(taken))
        await take(office.store, granted, folder)
        taken.append(folder)
        await asyncio.sleep(0.2)
    await asyncio.gather(*writing)
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    await office.publish()
    whole = reached({}, await events(office.store, granted, 0))
    nexts = []
    for folder in taken:
        manifest = open_snapshot(folder, given.public_key)
        known = reached({}, read_lines(folder, manifest))
        rest = await events(office.store, granted, manifest.next_number - 1)
        assert reached(known, rest) == whole
        nexts.append(manifest.next_number)
    assert nexts == sorted(nexts)
    assert len(whole) == len(made)


async def write(store: Database, made: list[Child], chance: Random) -> None:
    for _ in range(CHANGES // WRITERS):
        events = [Event.SUSPENDED, Event.RESUMED, Event.MOVED_IN]
        sides = chance.choice([(HERE, HERE), (THERE, HERE), (HERE, THERE)])
        changes = [
            change(chance.choice(made), chance.choice(events), before=sides[0], after=sides[1])
        ]
        try:
            async with store.transaction() as connection:
                await recorder(VirtualClock(NOW)).record(connection, changes)
                await asyncio.sleep(chance.random() * 0.004)
                if chance.random() < 0.1:
                    raise asyncio.InvalidStateError
        except asyncio.InvalidStateError:
            continue


async def test_a_late_subscriber_begins_with_what_was_before_it(
    office: Office, tmp_path: Path
) -> None:
    here, there = await children(office.store, 2)
    await record(office.store, [change(here), change(here, Event.RESUMED)])
    await record(office.store, [change(there, before=THERE, after=THERE)])
    await office.publish()
    granted, given = await office.grant(terms("33"))
    await take(office.store, granted, tmp_path / "s")
    manifest = open_snapshot(tmp_path / "s", given.public_key)
    assert manifest.next_number == 1
    (line,) = read_lines(tmp_path / "s", manifest)
    assert (line["event"], line["childVersion"], line["reason"]) == ("resumed", 2, "snapshot")
    await record(office.store, [change(here)])
    await office.publish()
    (event,) = await events(office.store, granted, 0)
    assert event["child"] == line["child"]


async def test_an_erased_child_is_in_no_snapshot(office: Office, tmp_path: Path) -> None:
    made = await children(office.store, 3)
    granted, given = await office.grant(terms("33"))
    await record(office.store, [change(child) for child in made])
    await office.publish()
    async with office.store.transaction() as connection:
        await destroy_key(connection, made[1].key_id, NOW)
    signed = await take(office.store, granted, tmp_path / "s", lines=2)
    assert [file.lines for file in signed.manifest.files] == [2]
    assert len(list(read_lines(tmp_path / "s", signed.manifest))) == 2
    assert open_snapshot(tmp_path / "s", given.public_key).children == 2


async def test_what_was_changed_or_signed_by_another_is_not_believed(
    office: Office, tmp_path: Path
) -> None:
    made = await children(office.store, 3)
    granted, given = await office.grant(terms("33"))
    _, stranger = await office.grant(terms("33"))
    await record(office.store, [change(child) for child in made])
    await office.publish()
    folder = tmp_path / "s"
    signed = await take(office.store, granted, folder)
    with pytest.raises(NotGenuine):
        open_snapshot(folder, stranger.public_key)
    for file in ("part-00001.jsonl.gz", "manifest.json", "manifest.json.sig"):
        whole = (folder / file).read_bytes()
        place = secrets.randbelow(len(whole) // 2)
        (folder / file).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(NotGenuine):
            open_snapshot(folder, given.public_key)
        (folder / file).unlink()
        with pytest.raises(NotGenuine):
            open_snapshot(folder, given.public_key)
        (folder / file).write_bytes(whole)
    assert open_snapshot(folder, given.public_key) == signed.manifest
    with pytest.raises(FolderInUse):
        await take(office.store, granted, folder)
