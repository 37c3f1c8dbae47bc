"""A range is delivered once more, marked as a replay, beside what is new."""

from sqlalchemy import insert, select

from gateway.database import Database
from gateway.feed.subscribing.tables import replays
from tests.feed.province import NOW, children
from tests.feed.pushing.lane import bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import OK, Received, receiving, status


async def test_a_replay_brings_the_same_events_under_another_id(database: Database) -> None:
    made = await children(database, 3)
    async with receiving() as subscriber, bench(database) as lanes:
        await subscribe_to_push(database, "a", subscriber.url, batch=4)
        await changes_of(database, made, 10)
        await lanes.deliver()
        first = list(subscriber.received)
        await order(database, 3, 9)
        await lanes.deliver()
        again = subscriber.received[len(first) :]
        assert [one.numbers for one in again] == [[3, 4, 5, 6], [7, 8, 9]]
        assert {one.headers["jisui-replay"] for one in again} == {"r"}
        assert all(one.headers["webhook-id"].startswith("replay_r_") for one in again)
        assert not any("jisui-replay" in one.headers for one in first)
        events = {event["id"]: event for one in first for event in one.events}
        assert all(events[event["id"]] == event for one in again for event in one.events)
        assert await lanes.kept("acknowledged") == 10
        assert await left(database) is None


async def test_a_replay_waits_with_its_lane_and_what_is_new_comes_first(
    embedded: Database,
) -> None:
    made = await children(embedded, 3)
    answers = [status(503), OK, OK]

    async def answer(request: Received) -> bytes:
        return answers.pop(0)

    async with receiving(answer) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 4)
        await order(embedded, 1, 2)
        await lanes.deliver()
        assert len(subscriber.received) == 1
        lanes.clock.advance(6)
        await lanes.deliver()
        assert [one.numbers for one in subscriber.received[1:]] == [[1, 2, 3, 4], [1, 2]]


async def order(store: Database, first: int, last: int) -> None:
    row = {"replay_id": "r", "subscription_id": "a", "first": first, "last": last, "next": first}
    async with store.transaction() as connection:
        await connection.execute(insert(replays), row | {"ordered_at": NOW})


async def left(store: Database) -> object:
    async with store.reading() as connection:
        query = select(replays.c.replay_id).where(replays.c.done_at.is_(None))
        return (await connection.execute(query)).scalar()
