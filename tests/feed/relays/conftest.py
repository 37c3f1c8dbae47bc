"""The engines relays are tried on: real servers, each read back in its own way by `Kept`."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import nats
import pytest
from nats.js import JetStreamContext
from redis.asyncio import Redis

from gateway.database import Database, open_database
from gateway.feed.relays.engine import Engine, Relayed
from gateway.feed.relays.nats_jetstream import NatsJetStream
from gateway.feed.relays.redis_streams import RedisStreams
from tests.engines.nats_server import start_nats


class Kept(Protocol):
    """An engine's other end: what a consumer finds in it."""

    async def events(self, name: str) -> list[Relayed]: ...

    async def forget(self, name: str) -> None: ...


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


STATIONS = {"redis": redis_station, "nats": nats_station}


@pytest.fixture(scope="session")
def nats_url() -> Iterator[str]:
    """A running NATS of our own."""
    server = start_nats()
    yield server.url
    server.stop()


@pytest.fixture(params=["redis", "nats"])
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
