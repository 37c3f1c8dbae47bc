"""Wake-ups that reach every process through Redis, for as long as it can be reached."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from gateway.shared.link import LOOK_SECONDS, REST_SECONDS, Link, LinkDown
from gateway.shared.wakeups import OwnWakeups

_CHANNEL = "jisui:wakeups"


class SharedWakeups:
    """Wakes those who listen in any process."""

    def __init__(self, link: Link, own: OwnWakeups) -> None:
        self._link = link
        self._own = own
        self._hearing = False

    @property
    def reach_all(self) -> bool:
        """Whether Redis carries our words, and its words reach us."""
        return self._hearing and self._link.up

    def listening(self, name: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever the name is published; clear it before looking again."""
        return self._own.listening(name)

    async def publish(self, name: str) -> None:
        """Wake whoever listens to the name, here at once and elsewhere if Redis can be reached."""
        self._own.wake(name)

        async def send(redis: Redis) -> None:
            await redis.publish(_CHANNEL, name)

        try:
            await self._link.run(send)
        except LinkDown:
            return

    async def hear(self, redis: Redis) -> None:
        """Pass on what other processes publish, for as long as this is not cancelled."""
        while True:
            try:
                async with redis.pubsub() as channel:
                    await self._hear(channel)
            except (RedisError, OSError, TimeoutError):
                self._hearing = False
            await asyncio.sleep(REST_SECONDS)

    async def _hear(self, channel: PubSub) -> None:
        async with asyncio.timeout(LOOK_SECONDS):
            await channel.subscribe(_CHANNEL)
        # A connection may be dead without a sign of it: once the link was down it is made anew.
        while self._link.up:
            message = await channel.get_message(timeout=REST_SECONDS)
            if message is None:
                continue
            if message["type"] == "message":
                self._own.wake(message["data"].decode())
            elif message["type"] == "subscribe":
                self._hearing = True
                self._own.wake_all()
        self._hearing = False


@asynccontextmanager
async def open_wakeups(link: Link, redis: Redis) -> AsyncIterator[SharedWakeups]:
    """Wake-ups through Redis; stops listening at the end and closes the client."""
    wakeups = SharedWakeups(link, OwnWakeups())
    hearing = asyncio.create_task(wakeups.hear(redis), name="wakeups")
    try:
        yield wakeups
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        await redis.aclose()
