"""The engines relays are tried on: real servers, each read back in its own way by `Kept`."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import nats
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from nats.js import JetStreamContext
from redis.asyncio import Redis

from gateway.database import Database, open_database
from gateway.feed.relays.engine import Engine, Relayed
from gateway.feed.relays.kafka_address import kafka_options
from gateway.feed.relays.kafka_topics import KafkaTopics
from gateway.feed.relays.nats_jetstream import NatsJetStream
from gateway.feed.relays.redis_streams import RedisStreams
from tests.engines.kafka_server import start_kafka
from tests.engines.nats_server import start_nats


class Kept(Protocol):
    """An engine's other end: what a consumer finds in it."""

    async def events(self, name: str) -> list[Relayed]: ...

    async def forget(self, name: str) -> None: ...

    async def trim(self, name: str) -> None:
        """Drop all events for their age; the stream stays."""


@dataclass(frozen=True)
class Station:
    """How to connect a relay to a running engine, and what the engine holds."""

    connect: Callable[[], Engine]
    kept: Kept


@dataclass(frozen=True)
class KeptInRedis:
    redis: Redis

    async def events(self, name: str) -> list[Relayed]:
        return [
            Relayed(
                int(number.partition(b"-")[0]),
                told[b"id"].decode(),
                told[b"child"].decode(),
                told[b"event"],
            )
            for number, told in await self.redis.xrange(f"jisui:feed:{{{name}}}")
        ]

    async def forget(self, name: str) -> None:
        await self.redis.delete(f"jisui:feed:{{{name}}}")

    async def trim(self, name: str) -> None:
        await self.redis.xtrim(f"jisui:feed:{{{name}}}", maxlen=0, approximate=False)


@asynccontextmanager
async def redis_station(url: str) -> AsyncIterator[Station]:
    async with Redis.from_url(url) as redis:
        yield Station(lambda: RedisStreams(url), KeptInRedis(redis))


@dataclass(frozen=True)
class KeptInNats:
    jetstream: JetStreamContext

    async def events(self, name: str) -> list[Relayed]:
        if name not in await self.names():
            return []
        state = (await self.jetstream.stream_info(f"JISUI_{name}")).state
        found = []
        for number in range(state.first_seq, state.last_seq + 1) if state.messages else ():
            message = await self.jetstream.get_msg(f"JISUI_{name}", number)
            assert message.headers is not None
            named, child = message.headers["Nats-Msg-Id"], (message.subject or "").split(".")[-1]
            found.append(Relayed(number, named, child, message.data or b""))
        return found

    async def forget(self, name: str) -> None:
        await self.jetstream.delete_stream(f"JISUI_{name}")

    async def trim(self, name: str) -> None:
        await self.jetstream.purge_stream(f"JISUI_{name}")

    async def names(self) -> list[str]:
        streams = await self.jetstream.streams_info()
        return [(one.config.name or "").removeprefix("JISUI_") for one in streams]


@asynccontextmanager
async def nats_station(url: str) -> AsyncIterator[Station]:
    client = await nats.connect(url)
    kept = KeptInNats(client.jetstream())
    try:
        for name in await kept.names():
            await kept.forget(name)
        yield Station(lambda: NatsJetStream(url), kept)
    finally:
        await client.close()


@dataclass(frozen=True)
class KeptInKafka:
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer

    async def events(self, name: str) -> list[Relayed]:
        if f"jisui.feed.{name}" not in await self.admin.list_topics():
            return []
        place = TopicPartition(f"jisui.feed.{name}", 0)
        self.consumer.assign([place])
        await self.consumer.seek_to_beginning(place)
        found: list[Relayed] = []
        while read := await self.consumer.getmany(place, timeout_ms=100):
            for record in read[place]:
                told = dict(record.headers)
                number, named = int(told["number"]), told["id"].decode()
                found.append(Relayed(number, named, record.key.decode(), record.value))
        return found

    async def forget(self, name: str) -> None:
        await self.admin.delete_topics([f"jisui.feed.{name}"])

    async def trim(self, name: str) -> None:
        everything = {TopicPartition(f"jisui.feed.{name}", 0): RecordsToDelete(-1)}
        await self.admin.delete_records(everything)


@asynccontextmanager
async def kafka_station(url: str) -> AsyncIterator[Station]:
    options = kafka_options(url)
    admin, consumer = (
        AIOKafkaAdminClient(**options),
        AIOKafkaConsumer(**options, fetch_max_wait_ms=50),
    )
    await admin.start()
    await consumer.start()
    kept = KeptInKafka(admin, consumer)
    try:
        for topic in await admin.list_topics():
            await kept.forget(topic.removeprefix("jisui.feed."))
        yield Station(lambda: KafkaTopics(url), kept)
    finally:
        await consumer.stop()
        await admin.close()


STATIONS = {"redis": redis_station, "nats": nats_station, "kafka": kafka_station}


@pytest.fixture(scope="session")
def kafka_url() -> Iterator[str]:
    """A running broker of the Kafka protocol of our own."""
    server = start_kafka()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def nats_url() -> Iterator[str]:
    """A running NATS of our own."""
    server = start_nats()
    yield server.url
    server.stop()


@pytest.fixture(params=["redis", "nats", "kafka"])
async def station(request: pytest.FixtureRequest) -> AsyncIterator[Station]:
    """Each engine in turn, empty."""
    url = request.getfixturevalue(f"{request.param}_url")
    async with STATIONS[request.param](url) as made:
        yield made


@pytest.fixture
async def embedded(migrated_sqlite_url: str) -> AsyncIterator[Database]:
    """A store of the quicker kind, for what does not depend on it."""
    store = open_database(migrated_sqlite_url)
    yield store
    await store.close()
