"""Every committed change stands in every stream it is for, once, in order, whoever dies.

`TEST_CHANGES` sets how many changes the eight writers write together, 400 where it is not given;
the full size is 200000 (a quarter of an hour for each engine).
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from random import Random

import pytest
from sqlalchemy import select

from contracts.events import Event, Stage, load_vocabulary
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.feed import publishing as publishing_module
from gateway.feed.recording import Place, StatusChange
from gateway.feed.tables import NUMBERED_CHANGES, status_changes, streams
from gateway.sequence.lease import LEASE_SECONDS
from gateway.sequence.numbering import number_rows
from tests.feed.province import (
    HERE,
    NOW,
    THERE,
    Child,
    change,
    children,
    publish,
    read,
    record,
    recorder,
    stream,
    subscribe,
)

CHANGES = int(os.environ.get("TEST_CHANGES", "400"))
WRITERS, LIVES = 8, 4
LEASE = timedelta(seconds=LEASE_SECONDS)
# Whom each subscriber hears of: areas, stages, events.
SUBSCRIBERS = {
    "everything": ("33 44", "preschool primary", ""),
    "zhejiang": ("33", "preschool primary", ""),
    "one county": ("440103", "primary", ""),
    "suspensions": ("33 44", "primary", "suspended"),
    "elsewhere": ("65", "preschool primary", ""),
}


def test_every_event_has_one_meaning_with_codes_of_two_digits() -> None:
    for meaning in load_vocabulary().values():
        assert meaning.label
        assert meaning.stages
        assert len(meaning.xsbd) in (0, 2)
        assert len(meaning.xjydlb) in (0, 2)


async def test_a_stream_holds_what_its_subscription_covers(database: Database) -> None:
    (child,) = await children(database, 1)
    await subscribe(database, "a", areas="33", events="suspended")
    await record(database, [change(child), change(child, Event.RESUMED)])
    await record(database, [change(child, before=THERE, after=THERE)])
    await publish(database)
    assert [(number, version) for number, _, _, version in await stream(database, "a")] == [(1, 1)]


async def test_of_a_move_each_side_gets_its_half(database: Database) -> None:
    (child,) = await children(database, 1)
    await subscribe(database, "old", areas="33")
    await subscribe(database, "new", areas="44")
    await record(database, [change(child, Event.MOVED_OUT, before=HERE, after=THERE)])
    await publish(database)
    old, new = await read(database, "old"), await read(database, "new")
    assert b'"half":"from"' in old
    assert b'"schoolFrom":"3133000001"' in old
    assert b'"areaTo":"440000"' in old
    assert THERE.school.encode() not in old
    assert b'"half":"to"' in new
    assert HERE.school.encode() not in new


async def test_a_page_reads_the_same_for_ever(database: Database) -> None:
    made = await children(database, 3)
    await subscribe(database, "a")
    await record(database, [change(child) for child in made])
    await publish(database)
    first = await read(database, "a", after=1, limit=2)
    await record(database, [change(made[0], Event.RESUMED)])
    await publish(database)
    assert await read(database, "a", after=1, limit=2) == first
    assert first.count(b'"sequence"') == 2


async def test_a_child_keeps_its_order_though_a_clock_goes_back(database: Database) -> None:
    (child,) = await children(database, 1)
    await subscribe(database, "a")
    for hours in (3, 0, 2, 1):
        at = NOW - timedelta(hours=hours)
        await record(database, [change(child), change(child, Event.RESUMED)], at)
    await publish(database)
    assert [version for *_, version in await stream(database, "a")] == list(range(1, 9))


@pytest.mark.parametrize("state", ["suspended", "stopped"])
async def test_a_suspended_stream_grows_and_a_stopped_one_does_not(
    database: Database, state: str
) -> None:
    (child,) = await children(database, 1)
    await subscribe(database, "a", state=state)
    await record(database, [change(child)])
    await publish(database)
    assert len(await stream(database, "a")) == (1 if state == "suspended" else 0)


async def test_eight_writers_five_subscribers_and_killed_publishers(
    database: Database, migrated_url: str
) -> None:
    made = await children(database, 40)
    for name, (areas, stages, events) in SUBSCRIBERS.items():
        await subscribe(database, name, areas=areas, stages=stages, events=events)
    chance = Random(15)
    for life in range(LIVES):
        async with publishing(migrated_url, NOW + life * LEASE):
            writing = asyncio.gather(
                *(write(database, made, Random(life * 100 + writer)) for writer in range(WRITERS))
            )
            await asyncio.sleep(1.0 + chance.random() * 0.1)
        await writing
    await publish(database, "the last", NOW + LIVES * LEASE)
    committed = await covered(database)
    for name in SUBSCRIBERS:
        rows = await stream(database, name)
        assert [number for number, *_ in rows] == list(range(1, len(rows) + 1))
        assert len({change_id for _, change_id, _, _ in rows}) == len(rows)
        assert {change_id for _, change_id, _, _ in rows} == committed[name]
        assert in_order(rows)


def in_order(rows: list[tuple[int, str, str, int]]) -> bool:
    by_child = groupby(sorted(rows, key=itemgetter(2, 0)), key=itemgetter(2))
    versions = [[version for *_, version in of_child] for _, of_child in by_child]
    return all(each == sorted(each) for each in versions)


async def write(store: Database, made: list[Child], chance: Random) -> None:
    for _ in range(CHANGES // WRITERS // LIVES):
        skewed = recorder(VirtualClock(NOW + timedelta(seconds=chance.uniform(-5, 5))))
        changes = [a_change(made, chance) for _ in range(chance.randint(1, 3))]
        try:
            async with store.transaction() as connection:
                await skewed.record(connection, changes)
                await asyncio.sleep(chance.random() * 0.004)
                if chance.random() < 0.1:
                    raise asyncio.InvalidStateError
        except asyncio.InvalidStateError:
            continue


def a_change(made: list[Child], chance: Random) -> StatusChange:
    return change(
        chance.choice(made),
        chance.choice([Event.SUSPENDED, Event.RESUMED, Event.MOVED_OUT]),
        chance.choice(list(Stage)),
        chance.choice([HERE, THERE]),
        chance.choice([HERE, THERE]),
    )


async def covered(store: Database) -> dict[str, set[str]]:
    """What each subscriber should have, by a rule of our own."""
    async with store.reading() as connection:
        rows = (await connection.execute(select(status_changes))).all()
    return {
        name: {
            row.change_id
            for row in rows
            if row.stage in stages.split()
            and (not events or row.event in events.split())
            and any(
                area.startswith(prefix)
                for area in (row.area_from, row.area_to)
                for prefix in areas.split()
            )
        }
        for name, (areas, stages, events) in SUBSCRIBERS.items()
    }


@asynccontextmanager
async def publishing(url: str, at: datetime) -> AsyncIterator[None]:
    """A process of its own that publishes; killed without warning at the end."""
    words = ("-m", "tests.feed.province", url, "leader", at.isoformat())
    leader = await asyncio.create_subprocess_exec(sys.executable, *words)
    try:
        yield
    finally:
        leader.kill()
        await leader.wait()


async def test_both_ways_of_laying_out_agree_on_what_is_covered_and_on_the_side(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(7)
    made = await children(database, 6)
    everywhere = [HERE, THERE, Place("6565000003", "650104"), Place()]
    moves = [(before, after) for before in everywhere for after in everywhere]
    kinds = [Event.SUSPENDED, Event.RESUMED]
    changes = [
        change(chance.choice(made), event, stage, before, after)
        for before, after in moves
        for event in kinds
        for stage in Stage
    ]
    await record(database, changes)
    for way, few in (("near", 2000), ("far", -1)):
        for name, (areas, stages, events) in SUBSCRIBERS.items():
            about = {"areas": areas, "stages": stages, "events": events}
            await subscribe(database, f"{way} {name}", **about)
        monkeypatch.setattr(publishing_module, "A_FEW", few)
        async with database.transaction() as connection:
            await number_rows(connection, NUMBERED_CHANGES, 2000)
            await publishing_module.lay_out(connection)
    columns = streams.c
    query = select(columns.subscription_id, columns.number, columns.change_id, columns.half)
    async with database.reading() as connection:
        rows = (await connection.execute(query.order_by(*columns.number.table.primary_key))).all()
    laid = {way: [tuple(row) for row in rows if row[0].startswith(way)] for way in ("near", "far")}
    assert laid["near"]
    assert [(row[0].removeprefix("near"), *row[1:]) for row in laid["near"]] == [
        (row[0].removeprefix("far"), *row[1:]) for row in laid["far"]
    ]
