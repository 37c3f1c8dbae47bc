"""A subscriber hears the number of the last event each minute, so that silence tells something."""

from datetime import timedelta

from sqlalchemy import update

from gateway.database import Database
from gateway.feed.tables import subscriptions
from tests.feed.province import NOW, children
from tests.feed.pushing.lane import bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import Received, receiving, status

MINUTE = timedelta(minutes=1)


async def test_the_head_is_told_each_minute_though_nothing_happens(embedded: Database) -> None:
    made = await children(embedded, 1)
    async with receiving() as subscriber, bench(embedded, beat=MINUTE) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await lanes.until(NOW + timedelta(seconds=150))
        await changes_of(embedded, made, 2)
        await lanes.until(NOW + timedelta(seconds=250))
    events = [event for one in subscriber.received for event in one.events]
    beats = [event for event in events if event["type"] == "cn.jisui.feed.heartbeat.v1"]
    assert [beat["data"]["head"] for beat in beats] == ["0", "0", "2", "2"]
    assert not any("sequence" in beat for beat in beats)
    assert subscriber.numbers == [1, 2]


async def test_a_heartbeat_that_fails_disturbs_nothing(embedded: Database) -> None:
    async def refuse(request: Received) -> bytes:
        return status(400)

    async with receiving(refuse) as subscriber, bench(embedded, beat=MINUTE) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await lanes.until(NOW + timedelta(seconds=200))
        assert len(subscriber.received) == 3
        assert (await lanes.standing()).failures == 0


async def test_a_lane_that_was_resumed_beats_again_though_it_has_nothing_to_deliver(
    embedded: Database,
) -> None:
    async with receiving() as subscriber, bench(embedded, beat=MINUTE) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await set_state(embedded, "suspended")
        await lanes.until(NOW + timedelta(minutes=3))
        assert subscriber.received == []
        await set_state(embedded, "active")
        await lanes.until(NOW + timedelta(minutes=4))
        assert len(subscriber.received) == 2


async def set_state(store: Database, state: str) -> None:
    async with store.transaction() as connection:
        await connection.execute(update(subscriptions).values(state=state))


async def test_who_has_trouble_with_events_hears_no_heartbeat(embedded: Database) -> None:
    made = await children(embedded, 1)

    async def shut(request: Received) -> bytes:
        return status(503)

    async with receiving(shut) as subscriber, bench(embedded, beat=MINUTE) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 1)
        await lanes.until(NOW + timedelta(minutes=5))
        assert [one.numbers for one in subscriber.received] == [[1], [1]]
