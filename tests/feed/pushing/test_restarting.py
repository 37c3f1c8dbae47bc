"""A suspended subscription goes on in the way an operator chose, and misses nothing by accident."""

from secrets import token_bytes

import pytest

from gateway.database import Database
from gateway.evidence import Actor, Log
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.steering import Choice, Steering
from gateway.identifiers import Identifiers
from tests.feed.province import SEALER, children, publish
from tests.feed.pushing.lane import Bench, bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import receiving

OPERATOR = Actor("test", "", "operator", "")
# Three children changed four times each; the first four events were delivered before.
EXPECTED = {
    Choice.REPLAY_ALL: [5, 6, 7, 8, 9, 10, 11, 12],
    Choice.JUMP: [],
    Choice.LATEST_PER_CHILD: [13, 14, 15],
}


@pytest.mark.parametrize("choice", list(Choice))
async def test_it_goes_on_as_chosen(database: Database, choice: Choice) -> None:
    made = await children(database, 3)
    async with receiving() as subscriber, bench(database) as lanes:
        await subscribe_to_push(database, "a", subscriber.url)
        await changes_of(database, made, 4)
        await lanes.deliver()
        async with database.transaction() as connection:
            await steering(lanes).suspend(connection, "a", "maintenance", OPERATOR)
        await changes_of(database, made[1:] + made[:1], 8)
        await lanes.deliver()
        assert subscriber.numbers == [1, 2, 3, 4]
        async with database.transaction() as connection:
            await steering(lanes).resume(connection, "a", choice, OPERATOR)
        await publish(database, "here")
        await lanes.deliver()
        assert subscriber.numbers[4:] == EXPECTED[choice]
        await changes_of(database, made, 1)
        await lanes.deliver()
        assert subscriber.numbers[-1] == (16 if choice is Choice.LATEST_PER_CHILD else 13)


async def test_a_replay_an_operator_orders_is_delivered(embedded: Database) -> None:
    made = await children(embedded, 2)
    async with receiving() as subscriber, bench(embedded) as lanes:
        await subscribe_to_push(embedded, "a", subscriber.url)
        await changes_of(embedded, made, 6)
        await lanes.deliver()
        async with embedded.transaction() as connection:
            await steering(lanes).replay(connection, "a", 2, 4, OPERATOR)
        await lanes.deliver()
        assert subscriber.received[-1].numbers == [2, 3, 4]
        assert "jisui-replay" in subscriber.received[-1].headers


def steering(lanes: Bench) -> Steering:
    identifiers = Identifiers(lanes.clock, token_bytes)
    log = Log("test", lanes.clock, identifiers)
    policies = load_field_policies()
    return Steering(SEALER, lanes.clock, identifiers, log, policies, lambda length: b"r" * length)
