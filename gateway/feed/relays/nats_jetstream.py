"""NATS JetStream: one stream a subscription, whose own sequence is that of the events.

Each event is taken only right after the one before it, so that none is there twice, missing or out
of order, however many relays are at work. Its subject ends in the child's name, for consumers who
divide children among themselves.
"""

import asyncio
from collections.abc import Sequence

import nats
from nats.aio.client import Client
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import Header, PubAck
from nats.js.errors import NotFoundError

from gateway.feed.relays.engine import EngineAway, Relayed

SECONDS = 10.0


class NatsJetStream:
    """A connection to one NATS, made anew when it broke."""

    def __init__(self, url: str) -> None:
        """Connects when it is first used."""
        self._url = url
        self._client: Client | None = None

    async def reached(self, name: str) -> int:
        """The last number the stream holds, which is made where there is none; or `EngineAway`."""
        try:
            jetstream = await self._connected()
            try:
                found = await jetstream.stream_info(_stream(name))
            except NotFoundError:
                subjects = [f"jisui.feed.{name}.*"]
                found = await jetstream.add_stream(name=_stream(name), subjects=subjects)
        except (Error, OSError, TimeoutError) as error:
            raise EngineAway(f"NATS: {type(error).__name__}") from None
        return found.state.last_seq

    async def append(self, name: str, events: Sequence[Relayed]) -> None:
        """Add the events; return once NATS has acknowledged them, to whichever relay."""
        try:
            jetstream = await self._connected()
            # Requests of their own: the client's asynchronous publishing never tells of a refusal.
            sent = [_send(jetstream, name, event) for event in events]
            said = await asyncio.gather(*sent, return_exceptions=True)
        except (Error, OSError, TimeoutError) as error:
            raise EngineAway(f"NATS: {type(error).__name__}") from None
        refusals = [answer for answer in said if isinstance(answer, BaseException)]
        if refusals and await self.reached(name) < events[-1].number:
            raise EngineAway(f"NATS: {type(refusals[0]).__name__}")

    async def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            await self._client.close()

    async def _connected(self) -> JetStreamContext:
        if self._client is None or not self._client.is_connected:
            await self.close()
            self._client = await nats.connect(
                self._url,
                allow_reconnect=False,
                # Meant for the first connection too, which is else tried for two minutes.
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=int(SECONDS),
                error_cb=_left_to_us,
            )
        return self._client.jetstream(timeout=SECONDS)


async def _send(jetstream: JetStreamContext, name: str, event: Relayed) -> PubAck:
    headers = {
        Header.MSG_ID.value: event.event_id,
        Header.EXPECTED_LAST_SEQUENCE.value: str(event.number - 1),
    }
    subject = f"jisui.feed.{name}.{event.child}"
    return await jetstream.publish(subject, event.body, stream=_stream(name), headers=headers)


async def _left_to_us(_: Exception) -> None:
    """Say nothing: whoever waits for an answer learns what happened."""


def _stream(name: str) -> str:
    return f"JISUI_{name}"
