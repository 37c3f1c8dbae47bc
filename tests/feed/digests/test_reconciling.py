"""One hash a school and day; where it differs the child is found in three calls.

`TEST_CHILDREN` sets how many children the school has; 400 where it is not given.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from random import Random
from typing import Any

import httpx2 as httpx
import pytest

from contracts.events import Event
from gateway.database import Database
from gateway.evidence.merkle import Tree
from gateway.feed.client.following import follow
from gateway.feed.client.inbox import Inbox
from gateway.feed.client.merkle import BUCKETS, bucket_hashes, leaf_bytes, root_of
from gateway.feed.client.pages import Gateway
from gateway.feed.client.reconciling import Difference, reconcile
from gateway.feed.recording import Place
from gateway.feed.tables import streams
from tests.feed.province import (
    HERE,
    NOW,
    THERE,
    Child,
    change,
    children,
    publish,
    record,
    subscribe,
)
from tests.feed.pulling.door import THEIRS, Door, open_door

CHILDREN = int(os.environ.get("TEST_CHILDREN", "400"))
NEXT_DOOR = Place(school="3133000009", area="330102")
GONE = Place()
TODAY = "2026-09-01"
DIGEST = "/v1/feeds/status-changes/digest"


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    """The door, and a subscription to everything in one province."""
    async with open_door(database) as opened:
        await subscribe(database, "a")
        yield opened


def gateway_of(door: Door) -> Gateway:
    async def headers() -> Mapping[str, str]:
        return await door.headers()

    return Gateway(door.client, "a", headers, (), lambda: door.clock.now().timestamp())


async def received(door: Door) -> Inbox:
    inbox = Inbox(":memory:")
    async for _ in follow(gateway_of(door), inbox, once=True):
        pass
    return inbox


async def digest(door: Door, school: str = HERE.school, on: str = TODAY) -> dict[str, Any]:
    answer = await door.pull(DIGEST, school=school, on=on)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_the_tree_is_that_of_the_evidence_over_what_is_said_of_a_child() -> None:
    chance = Random(46)
    leaves = sorted(
        (chance.randbytes(16).hex(), chance.randint(1, 9), "suspended") for _ in range(700)
    )
    root = Tree()
    for bucket in BUCKETS:
        tree = Tree()
        for leaf in leaves:
            if leaf[0].startswith(bucket):
                tree.append(f"{leaf[0]} {leaf[1]} {leaf[2]}".encode())
        root.append(tree.root())
    assert root_of(bucket_hashes(leaves)) == root.root().hex()


def test_an_empty_school_has_a_digest_anybody_can_compute() -> None:
    assert bucket_hashes([]) == [hashlib.sha256(b"").hexdigest()] * 256
    assert leaf_bytes(("ab", 3, "left")) == b"ab 3 left"


async def test_a_digest_follows_each_child_through_its_moves(door: Door) -> None:
    made = door.crowd[:7]
    stays, moves, leaves, returns, next_door, late, one_sided = made
    await record(door.database, [change(child) for child in made[:6]])
    await record(
        door.database,
        [
            change(moves, Event.MOVED_OUT, before=HERE, after=THERE),
            change(leaves, Event.LEFT, before=HERE, after=GONE),
            change(next_door, Event.MOVED_IN, before=HERE, after=NEXT_DOOR),
            change(returns, Event.MOVED_OUT, before=HERE, after=THERE),
            change(returns, Event.MOVED_IN, before=THERE, after=HERE),
            change(one_sided, Event.CREATED, before=GONE, after=HERE),
        ],
    )
    await publish(door.database)
    inbox = await received(door)
    told = await digest(door)
    # Whoever left is known to have left here; whoever moved away is no more of this school.
    assert told["count"] == len([stays, leaves, returns, late, one_sided])
    ours = inbox.children_at(HERE.school, told["through"])
    assert root_of(bucket_hashes(ours)) == told["root"]
    assert (await digest(door, NEXT_DOOR.school))["count"] == 1
    assert (await digest(door, THERE.school))["count"] == 0  # the other half is not ours to know


async def test_a_past_day_is_digested_as_it_ended(door: Door) -> None:
    first, second = door.crowd[:2]
    await record(door.database, [change(first)])
    await record(door.database, [change(second)], NOW + timedelta(days=1))
    await publish(door.database)
    door.clock.set(NOW + timedelta(days=2))
    assert [(await digest(door, on=f"2026-{day}"))["count"] for day in ("08-31", "09-01")] == [0, 1]
    tomorrow = await digest(door, on="2026-09-02")
    assert (tomorrow["count"], tomorrow["through"]) == (2, 2)


async def test_the_one_child_that_differs_is_found_in_three_calls(door: Door) -> None:
    made = await _school(door)
    inbox, gateway = await received(door), gateway_of(door)
    assert await reconcile(gateway, inbox, HERE.school, TODAY) == []
    child = inbox.children_at(HERE.school, CHILDREN)[Random(5).randrange(CHILDREN)][0]
    inbox._store.execute("UPDATE events SET status = 'left' WHERE child = ?", (child,))
    asked = 0

    async def count(_: httpx.Request) -> None:
        nonlocal asked
        asked += 1

    door.client.event_hooks["request"] = [count]
    (found,) = await reconcile(gateway, inbox, HERE.school, TODAY)
    assert found == Difference(child, (child, 1, "left"), (child, 1, "suspended"))
    assert asked == 3
    assert len(made) == CHILDREN


async def test_a_child_that_one_side_lacks_is_found(door: Door) -> None:
    await _school(door, 30)
    inbox, gateway = await received(door), gateway_of(door)
    name = inbox.children_at(HERE.school, 30)[3][0]
    inbox._store.execute("DELETE FROM events WHERE child = ?", (name,))
    (lost,) = await reconcile(gateway, inbox, HERE.school, TODAY)
    assert (lost.child, lost.ours) == (name, None)
    again = await received(door)
    async with door.database.transaction() as connection:
        await connection.execute(streams.delete().where(streams.c.number == 30))
    (spare,) = await reconcile(gateway, again, HERE.school, TODAY)
    assert spare.theirs is None


async def test_a_digest_is_for_whoever_holds_the_subscription(door: Door) -> None:
    for path, more in ((DIGEST, {"on": TODAY}), (f"{DIGEST}/nodes", {"through": "0"})):
        answer = await door.pull(path, THEIRS, school=HERE.school, subscription="a", **more)
        assert answer.status_code == 404


async def _school(door: Door, count: int = CHILDREN) -> list[Child]:
    """Many children in one school; those of the door's own crowd are among them."""
    made = door.crowd[:count]
    if count > len(door.crowd):
        made = await children(door.database, count - len(door.crowd), first=len(door.crowd))
        made = door.crowd + made
    await record(door.database, [change(child) for child in made])
    await publish(door.database)
    return made
