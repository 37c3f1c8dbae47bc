"""Every minute each subscriber that receives pushes hears the last number of its stream."""

import pytest
from sqlalchemy import update

from gateway.database import Database
from gateway.feed.client.deliveries import take_delivery
from gateway.feed.client.inbox import Inbox, Missing
from gateway.feed.silence.beating import Beating
from gateway.feed.tables import subscriptions
from tests.feed.province import NOW, SEALER, children
from tests.feed.pushing.lane import SECRET, bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import receiving


@pytest.mark.parametrize("batch", [1, 100])
async def test_a_heartbeat_shows_a_subscriber_what_it_never_got(
    database: Database, batch: int
) -> None:
    async with receiving() as receiver, bench(database) as lanes:
        await subscribe_to_push(database, "a", receiver.url, batch=batch)
        await changes_of(database, await children(database, 2), 3)
        beating = Beating(database, lanes.clock, SEALER)
        assert await beating.beat(lambda: lanes.courier) == 1
        (request,) = receiver.received
        inbox, at = Inbox(":memory:"), NOW.timestamp()
        assert take_delivery(inbox, request.headers, request.body, [SECRET], at) == []
        assert inbox.missing == Missing(1, 3)
        assert not inbox.is_silent(at + 60)
        await lanes.deliver()  # the lane knows nothing of it, and delivers all
        assert receiver.numbers == [1, 2, 3]


async def test_who_pulls_who_is_suspended_and_whose_address_fails_is_left_alone(
    database: Database,
) -> None:
    async with receiving() as receiver, bench(database) as lanes:
        for name in ("pulls", "suspended"):
            await subscribe_to_push(database, name, receiver.url)
        await subscribe_to_push(database, "fails", "https://127.0.0.1:9/")
        ours = subscriptions.c
        async with database.transaction() as connection:
            pulls = update(subscriptions).where(ours.subscription_id == "pulls")
            await connection.execute(pulls.values(mode="pull"))
            suspended = update(subscriptions).where(ours.subscription_id == "suspended")
            await connection.execute(suspended.values(state="suspended"))
        assert await Beating(database, lanes.clock, SEALER).beat(lambda: lanes.courier) == 0
        assert receiver.received == []
