"""A stream is the same bytes for as long as it is kept; past that a way on is told with a 410."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateway.feed.retention import Retention
from gateway.feed.tables import streams
from tests.feed.province import change, publish, record
from tests.feed.pulling.door import Door

YEAR = timedelta(days=365)


def retention(door: Door, kept_for: timedelta | None = YEAR) -> Retention:
    return Retention(door.database, door.clock, kept_for)


async def a_year_passes(door: Door, kept_for: timedelta | None = YEAR) -> None:
    """What stood in the streams is marked, and past its time when they are trimmed."""
    await retention(door, kept_for).run()
    door.clock.advance((YEAR + timedelta(days=1)).total_seconds())
    await retention(door, kept_for).run()


async def rows(door: Door) -> int:
    async with door.database.reading() as connection:
        return int(
            (await connection.execute(select(func.count()).select_from(streams))).scalar_one()
        )


async def test_what_is_kept_reads_the_same_and_what_is_not_names_the_snapshot(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(5)
    await door.pull(after=0)
    await door.acknowledge(5)
    await retention(door).run()
    await door.happen(5)
    kept = (await door.pull(after=5)).content
    door.clock.advance((YEAR + timedelta(days=1)).total_seconds())
    before = (await door.pull(after=0)).status_code
    await retention(door).run()
    assert (before, await rows(door)) == (200, 5)
    answer = await door.pull(after=0)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (410, "trimmed")
    assert "snapshots" in answer.json()["errors"][0]["remedy"]
    assert (await door.pull(after=4)).status_code == 410
    assert (await door.pull(after=5)).content == kept
    assert (await door.pull(after=10)).json() == []


async def test_what_a_subscriber_has_not_acknowledged_is_kept_however_old(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(5)
    await door.pull(after=0)
    await door.acknowledge(3)
    await record(door.database, [change(child) for child in door.crowd[:5]])
    await publish(door.database)
    await a_year_passes(door)
    assert (await door.pull(after=2)).status_code == 410
    answer = await door.pull(after=3)
    assert [event["sequence"] for event in answer.json()] == ["4", "5", "6", "7", "8", "9", "10"]


async def test_the_last_event_of_a_child_stays_for_the_digest(door: Door) -> None:
    await door.subscribe("a")
    await door.happen(3)
    await door.pull(after=0)
    await door.acknowledge(3)
    await a_year_passes(door)
    assert await rows(door) == 3
    assert [event["sequence"] for event in (await door.pull(after=0)).json()] == ["1", "2", "3"]


@pytest.mark.parametrize("kept_for", [None, 3 * YEAR])
async def test_nothing_goes_before_its_time(door: Door, kept_for: timedelta | None) -> None:
    await door.subscribe("a")
    for _ in range(2):
        await door.happen(3)
    await door.pull(after=0)
    await door.acknowledge(6)
    await a_year_passes(door, kept_for)
    assert len((await door.pull(after=0)).json()) == 6


async def test_what_was_filled_in_today_is_not_old_because_its_change_is(door: Door) -> None:
    await door.happen(4)
    door.clock.advance(5 * YEAR.total_seconds())
    await door.subscribe("late")
    await publish(door.database)
    await door.pull(after=0)
    await door.acknowledge(4)
    await door.happen(4)
    await retention(door).run()
    assert (await door.pull(after=0)).status_code == 200
