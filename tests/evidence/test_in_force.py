"""What changes what the gateway may do leaves an entry; what changes nothing leaves none."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import VirtualClock
from gateway.database import open_database
from gateway.evidence.in_force import put_in_force
from gateway.settings import Settings, load_settings
from gateway.wiring.ground import open_ground
from gateway.wiring.in_force import note_start
from tests.evidence.logs import NOW, Installation, written


@pytest.fixture
async def log(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    database = open_database(migrated_sqlite_url)
    yield Installation(database, tmp_path / "evidence", VirtualClock(NOW))
    await database.close()


async def put(log: Installation, **digests: str) -> list[tuple[str, str, dict[str, str]]]:
    """The entries that these digests left: outcome, what it is about, and what is told."""
    before = len(await written(log.database))
    async with log.database.transaction() as connection:
        changed = await put_in_force(connection, log.log, digests)
    left = (await written(log.database))[before:]
    assert len(left) == changed
    return [(each["outcome"], each["object"], each["content"]) for each in left]


async def test_what_changed_is_on_record_once_with_both_digests(log: Installation) -> None:
    assert [found[:2] for found in await put(log, a="1", b="1")] == [("first", "a"), ("first", "b")]
    assert await put(log, a="1", b="1") == []
    assert await put(log, a="1", b="2") == [("changed", "b", {"before": "1", "now": "2"})]
    assert await put(log, a="1") == [("removed", "b", {"before": "2", "now": ""})]
    assert await put(log, a="1") == []
    assert await put(log, a="1", b="2") == [("first", "b", {"before": "", "now": "2"})]


async def start(settings: Settings, minutes: int) -> list[dict[str, Any]]:
    """The entries that a process leaves when it starts, so many minutes later."""
    async with open_ground(settings, VirtualClock(NOW + timedelta(minutes=minutes))) as ground:
        before = len(await written(ground.database))
        await note_start(ground, "serve")
        return (await written(ground.database))[before:]


async def test_a_start_records_the_keys_and_what_changed_and_tells_no_secret(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    given: dict[str, Any] = {"database_url": migrated_sqlite_url, "keys_folder": tmp_path / "keys"}
    (tmp_path / "keys").mkdir()
    first = await start(load_settings(**given), 1)
    assert {"gateway.access/policy.csv", "crosswalks", "settings.evidence"} <= {
        entry["object"] for entry in first
    }
    (opened,) = await start(load_settings(**given), 2)  # nothing changed
    assert (opened["action"], opened["content"]["process"]) == ("key.opened", "serve")
    assert opened["content"].keys() == {"process", "file", "index", "token", "evidence"}
    changed, _ = await start(load_settings(**given, collect_seconds=11.0), 3)
    assert (changed["outcome"], changed["object"]) == ("changed", "settings.collect_seconds")
    secret = (tmp_path / "keys/file.key").read_text().strip()
    assert secret not in str([first, opened, changed])
