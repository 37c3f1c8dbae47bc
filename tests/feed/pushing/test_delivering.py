"""Every event is delivered, in order per child, whatever subscribers do with it."""

import asyncio
import base64
import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gateway.database import Database
from gateway.evidence import Action
from gateway.evidence.tables import entries
from gateway.feed.pushing.tables import push_standings
from gateway.feed.tables import subscriptions
from tests.feed.province import NOW, children
from tests.feed.pushing.lane import SECRET, bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import OK, Received, receiving, status

Answer = Callable[[Received], Awaitable[bytes | None]]


async def test_a_stream_is_delivered_once_in_batches_and_acknowledged(database: Database) -> None:
    made = await children(database, 5)
    async with receiving() as subscriber, bench(database) as lanes:
        await subscribe_to_push(database, "a", subscriber.url, batch=10)
        await changes_of(database, made, 25)
        await lanes.deliver()
        assert [request.numbers for request in subscriber.received] == [
            list(range(1, 11)),
            list(range(11, 21)),
            list(range(21, 26)),
        ]
        assert await lanes.kept("acknowledged") == 25
        await lanes.deliver()
        assert len(subscriber.received) == 3
        assert subscriber.connects == 1


async def test_one_event_at_a_time_is_no_list(embedded: Database) -> None:
    made = await children(embedded, 1)
    async with receiving() as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url, batch=1)
        await changes_of(embedded, made, 2)
        await lanes.deliver()
        kinds = {request.headers["content-type"] for request in subscriber.received}
        assert kinds == {"application/cloudevents+json"}
        assert subscriber.numbers == [1, 2]


async def test_a_failed_delivery_comes_back_on_schedule_under_the_same_id(
    database: Database,
) -> None:
    made = await children(database, 1)
    at = []

    async with bench(database) as lanes:

        async def answer(request: Received) -> bytes:
            at.append(lanes.clock.now())
            return OK if len(at) == 5 else status(503)

        async with receiving(answer) as subscriber:
            await subscribe_to_push(database, "a", subscriber.url)
            await changes_of(database, made, 3)
            await lanes.until(NOW + timedelta(days=1))
        waited = [(later - sooner).total_seconds() for sooner, later in itertools.pairwise(at)]
        assert waited == [pytest.approx(one, rel=0.1) for one in (5, 300, 1800, 7200)]
        assert len({request.headers["webhook-id"] for request in subscriber.received}) == 1
        assert len({request.headers["webhook-timestamp"] for request in subscriber.received}) == 5
        assert (await lanes.standing()).failures == 0


async def test_who_asks_for_a_later_time_gets_it(embedded: Database) -> None:
    made = await children(embedded, 1)

    async def busy(request: Received) -> bytes:
        return status(429, "retry-after: 600")

    async with receiving(busy) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 1)
        await lanes.deliver()
        assert await lanes.next_due() == NOW + timedelta(seconds=600)


async def test_new_events_do_not_hurry_a_lane_that_rests(embedded: Database) -> None:
    made = await children(embedded, 1)

    async def shut(request: Received) -> bytes:
        return status(503)

    async with receiving(shut) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        for _ in range(3):
            await changes_of(embedded, made, 1)
            await lanes.deliver()
        assert len(subscriber.received) == 1


async def test_gone_suspends_and_keeps_the_events(embedded: Database) -> None:
    made = await children(embedded, 1)

    async def gone(request: Received) -> bytes:
        return status(410)

    async with receiving(gone) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 3)
        await lanes.deliver()
        assert (await lanes.kept("state"), await lanes.kept("state_reason")) == (
            "suspended",
            "gone",
        )
        assert (await lanes.standing()).reached == 0
        subscriber.answer = taking
        await active_again(embedded)
        await lanes.deliver()
        assert subscriber.received[-1].numbers == [1, 2, 3]


async def test_five_days_of_failure_suspend_with_a_notice(embedded: Database) -> None:
    made = await children(embedded, 1)

    async def shut(request: Received) -> bytes:
        return status(503)

    async with receiving(shut) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 1)
        await lanes.until(NOW + timedelta(days=4))
        assert await lanes.kept("state") == "active"
        await lanes.until(NOW + timedelta(days=8))
        assert await lanes.kept("state_reason") == "failing"
        (notice,) = subscriber.received[-1].events
        assert notice["type"] == "cn.jisui.feed.suspended.v1"
        assert "sequence" not in notice


async def test_a_jump_is_not_delivered(embedded: Database) -> None:
    made = await children(embedded, 1)
    async with receiving() as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 5)
        async with embedded.transaction() as connection:
            await connection.execute(update(subscriptions).values(acknowledged=3))
        await lanes.deliver()
        assert subscriber.numbers == [4, 5]


@pytest.mark.parametrize("code", [400, 500])
@pytest.mark.parametrize("batch", [1, 16])
async def test_one_poisoned_event_holds_up_its_child_alone(
    embedded: Database, code: int, batch: int
) -> None:
    """Number 6 is poison: of its child 2 of 4 come 2, 6, 10 …, 22."""
    made = await children(embedded, 4)
    poisoned = {6}

    async def answer(request: Received) -> bytes:
        return status(code) if poisoned.intersection(request.numbers) else OK

    async with receiving(answer) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url, batch=batch)
        await changes_of(embedded, made, 24)
        await lanes.until(NOW + timedelta(seconds=30))
        taken = taken_by(subscriber.received, poisoned)
        assert taken == [number for number in range(1, 25) if number % 4 != 2 or number == 2]
        assert [(one.number, one.front) for one in await lanes.asides()] == [
            (6, True),
            *((number, False) for number in (10, 14, 18, 22)),
        ]
        (notice,) = [
            event
            for request in subscriber.received
            for event in request.events
            if event["type"] == "cn.jisui.feed.set_aside.v1"
        ]
        assert notice["data"]["number"] == "6"
        assert await lanes.kept("acknowledged") == 5
        poisoned.clear()
        await lanes.until(NOW + timedelta(days=7))
        assert taken_by(subscriber.received, {6})[-4:] == [10, 14, 18, 22]
        assert await lanes.asides() == ()
        assert await lanes.kept("acknowledged") == 24


def taken_by(received: list[Received], poisoned: set[int]) -> list[int]:
    return [
        number
        for request in received
        if not poisoned.intersection(request.numbers)
        for number in request.numbers
    ]


async def test_a_subscriber_may_acknowledge_past_what_was_set_aside(database: Database) -> None:
    made = await children(database, 2)

    async def answer(request: Received) -> bytes:
        return status(422) if 1 in request.numbers else OK

    async with receiving(answer) as subscriber, bench(database) as lanes:
        await subscribe_to_push(database, "a", subscriber.url, batch=4)
        await changes_of(database, made, 6)
        await lanes.deliver()
        assert [one.number for one in await lanes.asides()] == [1, 3, 5]
        async with database.transaction() as connection:
            await connection.execute(update(subscriptions).values(acknowledged=1))
        await lanes.deliver()
        assert subscriber.received[-2].numbers + subscriber.received[-1].numbers == [3, 5]
        assert await lanes.kept("acknowledged") == 6


async def test_an_address_that_takes_nothing_sets_nothing_aside(embedded: Database) -> None:
    made = await children(embedded, 8)

    async def broken(request: Received) -> bytes:
        return status(500)

    async with receiving(broken) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url, batch=8)
        await changes_of(embedded, made, 16)
        await lanes.until(NOW + timedelta(hours=3))
        assert await lanes.asides() == ()
        assert (await lanes.standing()).reached == 0
        assert len(subscriber.received) < 16
        subscriber.answer = taking
        await lanes.until(NOW + timedelta(days=1))
        assert subscriber.received
        assert await lanes.kept("acknowledged") == 16


async def test_the_only_event_there_is_waits_for_another_to_prove_it_poisoned(
    embedded: Database,
) -> None:
    made = await children(embedded, 2)

    async def answer(request: Received) -> bytes:
        return status(400) if 1 in request.numbers else OK

    async with receiving(answer) as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made[:1], 1)
        await lanes.until(NOW + timedelta(hours=1))
        assert await lanes.asides() == ()
        await changes_of(embedded, made[1:], 1)
        await lanes.deliver()
        assert [one.number for one in await lanes.asides()] == [1]


async def test_both_secrets_believe_a_delivery_while_they_change(embedded: Database) -> None:
    made = await children(embedded, 1)
    old = f"whsec_{base64.b64encode(b'o' * 32).decode()}"
    async with receiving() as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url, hmac=(SECRET, old))
        async with embedded.transaction() as connection:
            later = NOW + timedelta(hours=1)
            await connection.execute(update(subscriptions).values(overlap_until=later))
        await changes_of(embedded, made, 1)
        await lanes.deliver()
        versions = [
            one.split(",")[0] for one in subscriber.received[0].headers["webhook-signature"].split()
        ]
        assert versions == ["v1", "v1", "v1a"]


async def test_each_delivery_is_on_record(embedded: Database) -> None:
    made = await children(embedded, 1)
    async with receiving() as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 3)
        await lanes.deliver()
        async with embedded.reading() as connection:
            texts = (await connection.execute(entries.select())).scalars().all()
            rows = (await connection.execute(entries.select())).all()
        assert texts
        (row,) = [row for row in rows if Action.FEED_DELIVERED.value.encode() in row.canonical]
        assert b'"events":"3"' in row.canonical


async def test_a_lane_that_another_process_took_over_changes_nothing(database: Database) -> None:
    """The first process sends and is then asleep for longer than its lease."""
    made = await children(database, 1)
    sent, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(request: Received) -> bytes:
        if not sent.is_set():
            sent.set()
            await go_on.wait()
        return OK

    async with (
        receiving(slowly) as subscriber,
        bench(database) as first,
        bench(database) as second,
    ):
        await subscribe_to_push(database, "a", subscriber.url)
        await changes_of(database, made, 2)
        await first.wake()
        asleep = asyncio.create_task(first.lanes.step())
        await sent.wait()
        second.clock.advance(61)
        await second.deliver()
        await changes_of(database, made, 1)
        await second.deliver()
        assert (await second.standing()).reached == 3
        go_on.set()
        await asleep
        async with database.reading() as connection:
            reached = (await connection.execute(select(push_standings.c.reached))).scalar()
        assert reached == 3


async def active_again(store: Database) -> None:
    async with store.transaction() as connection:
        await connection.execute(update(subscriptions).values(state="active", state_reason=""))


async def taking(request: Received) -> bytes:
    return OK
