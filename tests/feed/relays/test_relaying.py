"""A subscription's stream in an engine: whole, in order, each event once, whatever dies."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import update

from contracts.events import Event, load_vocabulary
from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.evidence import Actor, Log
from gateway.feed.pulling.waiting import Heads
from gateway.feed.reading import Streams
from gateway.feed.relays.engine import Engine, EngineAhead, EngineAway, Relayed
from gateway.feed.relays.kafka_topics import KafkaTopics
from gateway.feed.relays.nats_jetstream import NatsJetStream
from gateway.feed.relays.redis_streams import RedisStreams
from gateway.feed.relays.relaying import NotRelayed, Relaying
from gateway.feed.subscribing.subscription import load_subscription
from gateway.feed.tables import subscriptions
from gateway.identifiers import Identifiers
from gateway.shared.wakeups import OwnWakeups
from tests.engines.postgres import free_port
from tests.feed.province import (
    NOW,
    SEALER,
    Child,
    change,
    children,
    publish,
    read,
    record,
    subscribe,
)
from tests.feed.relays.conftest import Station

ACTOR = Actor("test", "", "operator", "")


@asynccontextmanager
async def relay(store: Database, engine: Engine) -> AsyncIterator[Relaying]:
    """A relay from the store to an engine."""
    clock = VirtualClock(NOW)
    log = Log("test", clock, Identifiers(clock, secrets.token_bytes))
    streams, heads = Streams(SEALER, load_vocabulary()), Heads(store, OwnWakeups())
    try:
        yield Relaying(store, clock, log, streams, heads, engine, ACTOR, wait_seconds=0.05)
    finally:
        await heads.close()
        await engine.close()


async def happen(store: Database, made: Sequence[Child], count: int) -> None:
    """So many changes, the children in turn, published."""
    kinds = [Event.SUSPENDED, Event.RESUMED]
    told = [change(made[place % len(made)], kinds[place % 2]) for place in range(count)]
    await record(store, told)
    await publish(store)


async def pulled(store: Database, name: str) -> list[Relayed]:
    """What a subscriber finds who pulls."""
    events = json.loads(await read(store, name))
    return [
        Relayed(
            int(event["sequence"]),
            event["id"],
            event["subject"],
            json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(),
        )
        for event in events
    ]


async def acknowledged(store: Database, name: str) -> int:
    async with store.reading() as connection:
        return (await load_subscription(connection, name)).acknowledged


async def drained(relaying: Relaying, name: str) -> int:
    """How many events went until nothing was left."""
    went = 0
    while taken := await relaying.step(name):
        went += taken
    return went


async def test_an_engine_holds_what_pulling_gives_byte_for_byte(
    database: Database, station: Station
) -> None:
    await subscribe(database, "a")
    await happen(database, await children(database, 3), 25)
    async with relay(database, station.connect()) as relaying:
        assert await drained(relaying, "a") == 25
    assert await station.kept.events("a") == await pulled(database, "a")
    assert await acknowledged(database, "a") == 25


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """An engine whose relay dies when the engine has taken everything, or a part of it."""

    def __init__(self, engine: Engine, takes: int) -> None:
        self._engine = engine
        self._takes = takes

    async def reached(self, name: str) -> int:
        return await self._engine.reached(name)

    async def append(self, name: str, events: Sequence[Relayed]) -> None:
        await self._engine.append(name, events[: self._takes])
        raise Killed

    async def close(self) -> None:
        await self._engine.close()


@pytest.mark.parametrize("takes", [0, 1, 7, 10])
async def test_a_relay_that_died_before_it_noted_anything_is_taken_up_where_the_engine_is(
    embedded: Database, station: Station, takes: int
) -> None:
    await subscribe(embedded, "a")
    made = await children(embedded, 3)
    await happen(embedded, made, 10)
    async with relay(embedded, Dying(station.connect(), takes)) as dying:
        with pytest.raises(Killed):
            await dying.step("a")
    assert await acknowledged(embedded, "a") == 0
    await happen(embedded, made, 5)
    async with relay(embedded, station.connect()) as relaying:
        assert await drained(relaying, "a") == 15 - takes
        assert await relaying.step("a") == 0
    assert await station.kept.events("a") == await pulled(embedded, "a")
    assert await acknowledged(embedded, "a") == 15


async def test_two_relays_of_one_stream_lay_each_event_once_and_in_order(
    embedded: Database, station: Station
) -> None:
    await subscribe(embedded, "a")
    await happen(embedded, await children(embedded, 3), 40)
    told = await pulled(embedded, "a")
    one, other = station.connect(), station.connect()
    assert await one.reached("a") == 0
    await one.append("a", told[:30])
    await other.append("a", told[:10])  # it had read the same numbers, and slept
    await other.append("a", told[20:])
    assert await station.kept.events("a") == told
    await one.close()
    await other.close()


async def test_an_engine_that_lost_what_it_had_is_given_it_again(
    embedded: Database, station: Station
) -> None:
    await subscribe(embedded, "a")
    await happen(embedded, await children(embedded, 3), 12)
    async with relay(embedded, station.connect()) as relaying:
        await drained(relaying, "a")
        await station.kept.forget("a")
        assert await drained(relaying, "a") == 12
    assert await station.kept.events("a") == await pulled(embedded, "a")
    assert await acknowledged(embedded, "a") == 12


# The broker that stands for Kafka drops the connection instead of records.
@pytest.mark.parametrize("station", ["redis", "nats"], indirect=True)
async def test_an_engine_that_dropped_all_for_its_age_is_given_only_what_is_new(
    embedded: Database, station: Station
) -> None:
    await subscribe(embedded, "a")
    made = await children(embedded, 3)
    await happen(embedded, made, 12)
    async with relay(embedded, station.connect()) as relaying:
        await drained(relaying, "a")
        await station.kept.trim("a")
        assert await station.kept.events("a") == []
        await happen(embedded, made, 3)
        assert await drained(relaying, "a") == 3
    assert await station.kept.events("a") == (await pulled(embedded, "a"))[12:]


async def test_an_engine_ahead_of_our_stream_stops_the_relay(
    embedded: Database, station: Station
) -> None:
    await subscribe(embedded, "a")
    await happen(embedded, await children(embedded, 1), 1)
    engine = station.connect()
    assert await engine.reached("a") == 0
    known = (await pulled(embedded, "a"))[0]
    await engine.append("a", [known, Relayed(2, "foreign", "x", b"{}")])
    async with relay(embedded, engine) as relaying:
        with pytest.raises(EngineAhead):
            await relaying.step("a")


async def test_events_that_fill_many_requests_arrive_whole_and_in_order(
    station: Station,
) -> None:
    engine = station.connect()
    told = [Relayed(number, f"id-{number}", "child", b"x" * 250_000) for number in range(1, 13)]
    assert await engine.reached("a") == 0
    await engine.append("a", told)
    assert await engine.reached("a") == 12
    assert await station.kept.events("a") == told
    await engine.close()


async def test_an_engine_nobody_answers_for_is_away_at_once() -> None:
    for connect in (KafkaTopics, NatsJetStream, RedisStreams):
        scheme = {KafkaTopics: "kafka", NatsJetStream: "nats", RedisStreams: "redis"}[connect]
        engine = connect(f"{scheme}://name:word@127.0.0.1:{free_port()}")
        async with asyncio.timeout(5):
            with pytest.raises(EngineAway):
                await engine.reached("a")
        await engine.close()


async def test_two_subscriptions_have_a_stream_each(embedded: Database, station: Station) -> None:
    await subscribe(embedded, "a")
    await subscribe(embedded, "b")
    await happen(embedded, await children(embedded, 2), 4)
    async with relay(embedded, station.connect()) as relaying:
        await drained(relaying, "a")
        assert await station.kept.events("b") == []
        await drained(relaying, "b")
    assert await station.kept.events("b") == await pulled(embedded, "b")


async def test_nothing_goes_while_a_subscription_is_suspended(
    embedded: Database, station: Station
) -> None:
    await subscribe(embedded, "a", state="suspended")
    await happen(embedded, await children(embedded, 2), 4)
    async with relay(embedded, station.connect()) as relaying:
        assert await relaying.step("a") == 0
        assert await station.kept.events("a") == []
        async with embedded.transaction() as connection:
            await connection.execute(update(subscriptions).values(state="active"))
        assert await drained(relaying, "a") == 4


async def test_a_subscription_that_is_pushed_is_not_relayed(
    embedded: Database, station: Station
) -> None:
    await subscribe(embedded, "a")
    async with embedded.transaction() as connection:
        await connection.execute(update(subscriptions).values(mode="both"))
    async with relay(embedded, station.connect()) as relaying:
        with pytest.raises(NotRelayed):
            await relaying.step("a")


class Away:
    """An engine that is away the first times it is asked."""

    def __init__(self, engine: Engine, times: int) -> None:
        self._engine = engine
        self._times = times

    async def reached(self, name: str) -> int:
        self._times -= 1
        if self._times >= 0:
            raise EngineAway("test")
        return await self._engine.reached(name)

    async def append(self, name: str, events: Sequence[Relayed]) -> None:
        await self._engine.append(name, events)

    async def close(self) -> None:
        await self._engine.close()


async def test_a_relay_follows_and_outlasts_an_engine_that_was_away(
    embedded: Database, station: Station
) -> None:
    await subscribe(embedded, "a")
    made = await children(embedded, 3)
    async with relay(embedded, Away(station.connect(), 2)) as relaying:
        following = asyncio.create_task(relaying.follow("a"))
        for count in (3, 4):
            await happen(embedded, made, count)
            async with asyncio.timeout(20):
                while await acknowledged(embedded, "a") != await head(embedded):
                    await asyncio.sleep(0.02)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert await station.kept.events("a") == await pulled(embedded, "a")


async def head(store: Database) -> int:
    async with store.reading() as connection:
        return (await load_subscription(connection, "a")).head
