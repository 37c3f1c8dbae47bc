"""A child's changes stand in every stream in the order of their commits, and pages never change.

`TEST_HOT_CHANGES` and `TEST_REREADS` set the sizes; 100000 and 10000 are the full ones.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

from sqlalchemy import select

from contracts.events import load_vocabulary
from gateway.clock import VirtualClock
from gateway.database import Database, open_database
from gateway.feed.publishing import Publishing
from gateway.feed.reading import Streams
from gateway.feed.tables import status_changes, streams
from tests.feed.province import (
    NOW,
    SEALER,
    Child,
    change,
    children,
    publish,
    publisher,
    recorder,
    stream,
    subscribe,
)

CHANGES = int(os.environ.get("TEST_HOT_CHANGES", "240"))
REREADS = int(os.environ.get("TEST_REREADS", "150"))
WRITERS = 8
HOT = max(4, CHANGES // 100)

Commits = dict[str, list[str]]


async def test_no_hot_child_is_told_of_out_of_the_order_of_its_commits(database: Database) -> None:
    made = await children(database, HOT)
    await subscribe(database, "a")
    commits: Commits = defaultdict(list)
    async with publishing(publisher(database)):
        writers = (write(database, made, Random(seed), commits) for seed in range(WRITERS))
        await asyncio.gather(*writers)
    await publish(database)
    assert await told(database, "a") == commits
    assert sum(map(len, commits.values())) > CHANGES / 2


async def test_publishers_whose_clocks_are_an_hour_wrong_number_as_the_right_one_does(
    database: Database,
) -> None:
    made = await children(database, HOT)
    await subscribe(database, "a")
    commits: Commits = defaultdict(list)
    async with AsyncExitStack() as publishers:
        for hours in (-1, 0, 1):
            wrong = publisher(database, f"{hours}", NOW + timedelta(hours=hours))
            await publishers.enter_async_context(publishing(wrong))
        writers = (write(database, made, Random(seed), commits) for seed in range(WRITERS))
        await asyncio.gather(*writers)
    # Whoever of them was cut off may hold the lease by its own clock.
    await publish(database, "the last", NOW + timedelta(hours=2))
    assert await told(database, "a") == commits
    numbers = [number for number, *_ in await stream(database, "a")]
    assert numbers == list(range(1, sum(map(len, commits.values())) + 1))


async def test_a_page_reads_the_same_while_others_write_and_after_a_restart(
    database: Database, migrated_url: str
) -> None:
    made = await children(database, HOT)
    await subscribe(database, "a")
    known: dict[int, tuple[bytes, ...]] = {}
    chance = Random(16)
    async with publishing(publisher(database)):
        writers = (
            write(database, made, Random(seed), defaultdict(list)) for seed in range(WRITERS)
        )
        writing = asyncio.gather(*writers)
        for _ in range(REREADS):
            await reread(database, known, chance.randrange(CHANGES))
        await writing
    restarted = open_database(migrated_url)
    for after in list(known):
        await reread(restarted, known, after)
    await restarted.close()
    assert any(known.values())


async def reread(store: Database, known: dict[int, tuple[bytes, ...]], after: int) -> None:
    """Read a page once more; what it held before it must still hold, first and byte for byte."""
    async with store.reading() as connection:
        page = await Streams(SEALER, load_vocabulary()).page(connection, "a", after, 20)
    before = known.get(after, ())
    assert page.events[: len(before)] == before
    known[after] = page.events


async def write(store: Database, made: list[Child], chance: Random, commits: Commits) -> None:
    """Commit changes under a clock that is wrong; some are rolled back."""
    for place in range(CHANGES // WRITERS):
        child = chance.choice(made)
        mark = f"{chance.random():.12f}-{place}"
        skewed = recorder(VirtualClock(NOW + timedelta(seconds=chance.uniform(-3600, 3600))))
        with suppress(asyncio.InvalidStateError):
            async with store.transaction() as connection:
                await skewed.record(connection, [replace(change(child), source_code=mark)])
                # The child is locked by now: whoever comes here next comes after our commit.
                commits[child.person_id].append(mark)
                await asyncio.sleep(chance.random() * 0.002)
                if chance.random() < 0.1:
                    commits[child.person_id].remove(mark)
                    raise asyncio.InvalidStateError


@asynccontextmanager
async def publishing(step_by_step: Publishing) -> AsyncIterator[None]:
    """Somebody publishes meanwhile."""

    async def go_on() -> None:
        while True:
            await step_by_step.step()
            await asyncio.sleep(0.005)

    going = asyncio.create_task(go_on())
    try:
        yield
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)


async def told(store: Database, subscription_id: str) -> Commits:
    """Each child's changes, by their marks, in the order of the stream."""
    query = (
        select(status_changes.c.person_id, status_changes.c.source_code)
        .join(streams, streams.c.change_id == status_changes.c.change_id)
        .where(streams.c.subscription_id == subscription_id)
        .order_by(streams.c.number)
    )
    marks: Commits = defaultdict(list)
    async with store.reading() as connection:
        for person_id, mark in await connection.execute(query):
            marks[person_id].append(mark)
    return marks
