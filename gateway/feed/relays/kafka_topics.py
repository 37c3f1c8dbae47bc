"""The Kafka protocol: a topic of one partition for each subscription, each event under its child.

Kafka takes whatever it is given. So a relay looks at the last record right before it adds, and adds
a batch only once the one before is acknowledged: what stands there has no holes. A batch whose
acknowledgement was lost on the way may stand there twice; each record names its number, and whoever
reads passes over a number that is not above the last one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from gateway.feed.relays.engine import EngineAway, Relayed
from gateway.feed.relays.kafka_address import kafka_options

BATCH_BYTES = 900_000  # below the megabyte that a broker takes by default
COPIES = 3  # of each record, where the cluster has as many brokers
READ_MS = 50


@dataclass(frozen=True, slots=True)
class _Clients:
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer
    producer: AIOKafkaProducer


class KafkaTopics:
    """A connection to one cluster, made anew when it broke."""

    def __init__(self, url: str) -> None:
        """Connects when it is first used."""
        self._options = kafka_options(url)
        self._clients: _Clients | None = None

    async def reached(self, name: str) -> int:
        """The number of the topic's last record; the topic is made where there is none."""
        try:
            clients = await self._connected()
            await _make(clients.admin, _topic(name))
            return await _last(clients.consumer, TopicPartition(_topic(name), 0))
        except (KafkaError, OSError, TimeoutError) as error:
            await self.close()
            raise EngineAway(f"Kafka: {type(error).__name__}") from None

    async def append(self, name: str, events: Sequence[Relayed]) -> None:
        """Add the events that do not stand there yet; return once every batch is acknowledged."""
        reached = await self.reached(name)
        left = [event for event in events if event.number > reached]
        try:
            producer = (await self._connected()).producer
            while left:
                batch = producer.create_batch()
                taken = _fill(batch, left)
                await (await producer.send_batch(batch, _topic(name), partition=0))
                left = left[taken:]
        except (KafkaError, OSError, TimeoutError) as error:
            await self.close()
            raise EngineAway(f"Kafka: {type(error).__name__}") from None

    async def close(self) -> None:
        """End the connection."""
        clients, self._clients = self._clients, None
        if clients is not None:
            await _stop(clients)

    async def _connected(self) -> _Clients:
        if self._clients is None:
            clients = _Clients(
                AIOKafkaAdminClient(**self._options),
                AIOKafkaConsumer(**self._options, fetch_max_wait_ms=READ_MS),
                AIOKafkaProducer(**self._options, acks="all", max_batch_size=BATCH_BYTES),
            )
            try:
                await clients.admin.start()
                await clients.consumer.start()
                await clients.producer.start()
            except BaseException:
                await _stop(clients)
                raise
            self._clients = clients
        return self._clients


async def _make(admin: AIOKafkaAdminClient, topic: str) -> None:
    """Have the topic; refused where it is there already, or where the province makes its own."""
    brokers = (await admin.describe_cluster())["brokers"]
    await admin.create_topics([NewTopic(topic, 1, min(COPIES, len(brokers)))])


async def _last(consumer: AIOKafkaConsumer, place: TopicPartition) -> int:
    """The number of the last record; where all are past their time, what their offsets tell."""
    consumer.assign([place])
    begin = (await consumer.beginning_offsets([place]))[place]
    end: int = (await consumer.end_offsets([place]))[place]
    last = end
    consumer.seek(place, max(begin, end - 1))
    while begin < end and await consumer.position(place) < end:
        for record in (await consumer.getmany(place, timeout_ms=READ_MS)).get(place, ()):
            last = int(dict(record.headers)["number"])
        end = max(end, consumer.highwater(place) or 0)
    return last


async def _stop(clients: _Clients) -> None:
    await clients.producer.stop()
    await clients.consumer.stop()
    await clients.admin.close()


def _fill(batch: BatchBuilder, events: Sequence[Relayed]) -> int:
    """How many of the events the batch had room for."""
    for place, event in enumerate(events):
        headers = [("id", event.event_id.encode()), ("number", b"%d" % event.number)]
        key, value = event.child.encode(), event.body
        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
            return place
    return len(events)


def _topic(name: str) -> str:
    return f"jisui.feed.{name}"
