"""`jisui feeds parked`: which codes wait for somebody's decision, and whose turn it is."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.clock import VirtualClock
from gateway.collecting.meaning import Code, Sides
from gateway.collecting.parking import Parking, Undecided
from gateway.database import open_database
from gateway.identifiers import Identifiers
from gateway.people.keyed import Keyed
from tests.cli.conftest import Ended
from tests.feed.province import children

AT = datetime(2026, 9, 1, tzinfo=UTC)


async def park(url: str) -> None:
    store, clock = open_database(url), VirtualClock(AT)
    (child,) = await children(store, 1)
    person = Keyed(child.person_id, child.key_id, child.key)
    sides = Sides("9999990001", "9999990001", "")
    waiting = Undecided(
        "preschool", Code("", "划转"), "维护人", person, sides, AT, {"name": "试一"}
    )
    parking = Parking(clock, Identifiers(clock, lambda count: bytes(count)))
    async with store.transaction() as connection:
        await parking.park(connection, [waiting, waiting])
    await store.close()


def test_a_code_nobody_decided_is_listed_with_its_owner_and_nothing_of_the_children(
    jisui: Callable[..., Ended], migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISUI_DATABASE_URL", migrated_sqlite_url)
    code, out, _ = jisui("feeds", "parked", "--json")
    assert (code, json.loads(out)) == (0, {"parked": []})
    asyncio.run(park(migrated_sqlite_url))
    code, out, _ = jisui("feeds", "parked", "--json")
    (one,) = json.loads(out)["parked"]
    assert code == 1
    assert (one["code"], one["owner"], one["changes"]) == ("划转", "维护人", 2)
    code, text, _ = jisui("feeds", "parked")
    assert "划转" in text
    assert "试一" not in out + text
