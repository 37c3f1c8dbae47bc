"""`jisui people erase`: what an operator types, what is left, and who has to have approved it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from benchmarks.pull import happen
from gateway.feed.tables import status_changes, subscriptions
from gateway.people.tables import persons
from gateway.settings import load_settings
from gateway.wiring.ground import open_ground
from gateway.wiring.publishing import wire_publisher
from tests.cli.conftest import Ended

Jisui = Callable[..., Ended]
APPROVED = ("--approval", "浙教〔2026〕9号", "--approved-by", "county.li")
NUMBER = "G999999201903010012"


@pytest.fixture
def province(jisui: Jisui, migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A subscription with three children's events, on a store of its own."""
    monkeypatch.setenv("JISUI_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("JISUI_KEYS_FOLDER", "keys")
    add = ("subscriptions", "add", "--name", "a province", "--area", "990000", "--json")
    granted: str = json.loads(jisui(*add)[1])["subscription_id"]
    asyncio.run(three_children())
    return granted


async def three_children() -> None:
    async with open_ground(load_settings()) as ground:
        await happen(ground, 3)


async def anybody(adopted: str = "") -> str:
    """The internal key of a child with events, or of the one adopted under a number."""
    async with (
        open_ground(load_settings()) as ground,
        ground.database.transaction() as connection,
    ):
        if adopted:
            await ground.people.adopt(connection, [adopted], "preschool", ground.clock.now())
        column = persons.c.person_id if adopted else status_changes.c.person_id
        return str((await connection.execute(select(column).limit(1))).scalar_one())


async def published() -> int:
    """The head of the stream, once everything is in it."""
    async with open_ground(load_settings()) as ground:
        while await wire_publisher(ground).step():
            pass
        async with ground.database.reading() as connection:
            return int((await connection.execute(select(subscriptions.c.head))).scalar_one())


def test_an_erased_child_leaves_a_tombstone_and_a_last_event(jisui: Jisui, province: str) -> None:
    child = asyncio.run(anybody())
    code, out, _ = jisui("people", "erase", "--person", child, *APPROVED, "--json")
    assert (code, json.loads(out)) == (0, {"keys": 1, "tombstones": 1})
    assert asyncio.run(published()) == 4
    again = jisui("people", "erase", "--person", child, *APPROVED)
    assert again[0] == 2
    assert "erased already" in again[2]


def test_a_child_is_found_by_a_number_in_a_file(
    jisui: Jisui, province: str, tmp_path: Path
) -> None:
    asyncio.run(anybody(NUMBER))
    file = tmp_path / "number"
    file.write_text(f"{NUMBER}\n", "utf-8")
    erase = ("people", "erase", "--number-file", file, *APPROVED)
    assert json.loads(jisui(*erase, "--json")[1]) == {"keys": 1, "tombstones": 0}
    code, _, said = jisui(*erase)
    assert code == 2
    assert NUMBER not in said


def test_nobody_erases_on_their_own_word(jisui: Jisui, province: str) -> None:
    child = asyncio.run(anybody())
    alone = ("--approval", "浙教〔2026〕9号", "--approved-by", " ")
    assert jisui("people", "erase", "--person", child, *alone)[0] == 2
    assert jisui("people", "erase", *APPROVED)[0] == 2
