"""How a relay is wired: which engine an address names, and what reads the stream."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from contracts.errors import JisuiError
from contracts.events import load_vocabulary
from gateway.evidence import Actor
from gateway.feed.pulling.waiting import Heads
from gateway.feed.reading import Streams
from gateway.feed.relays.engine import Engine
from gateway.feed.relays.kafka_topics import KafkaTopics
from gateway.feed.relays.nats_jetstream import NatsJetStream
from gateway.feed.relays.redis_streams import RedisStreams
from gateway.feed.relays.relaying import Relaying
from gateway.wiring.ground import Ground

_ENGINES: Mapping[str, Callable[[str], Engine]] = {
    "redis": RedisStreams,
    "rediss": RedisStreams,
    "nats": NatsJetStream,
    "tls": NatsJetStream,
    "kafka": KafkaTopics,
    "kafkas": KafkaTopics,
}


class NoEngine(JisuiError):
    """An address that names no engine we relay to."""


def connect_engine(address: str) -> Engine:
    """The engine at an address, which connects when first used; raise `NoEngine`."""
    connect = _ENGINES.get(urlsplit(address).scheme)
    if connect is None:
        known = ", ".join(sorted(_ENGINES))
        raise NoEngine(f"地址须为其一 · the address must begin with one of: {known}")
    return connect(address)


@asynccontextmanager
async def open_relay(ground: Ground, address: str, actor: Actor) -> AsyncIterator[Relaying]:
    """A relay to the engine at an address; its connection is ended with the block."""
    engine = connect_engine(address)
    heads = Heads(ground.database, ground.wakeups)
    streams = Streams(ground.sealer, load_vocabulary())
    try:
        yield Relaying(ground.database, ground.clock, ground.log, streams, heads, engine, actor)
    finally:
        await heads.close()
        await engine.close()
