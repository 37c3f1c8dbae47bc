"""A word that something happened, for whoever waits for it; it may be lost, so waiting has an end.

    with wakeups.listening("work") as woken:
        ...                            # look whether it is there already
        await woken.wait()             # within a timeout, after which to look again

Publish after the commit: who is woken looks at the store.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from gateway.shared.link import LOOK_SECONDS, REST_SECONDS, Link, LinkDown

WORK = "work"  # there may be work for a worker
_CHANNEL = "jisui:wakeups"


class Wakeups(Protocol):
    """Wakes those who listen to a name."""

    @property
    def reach_all(self) -> bool:
        """Whether other processes are woken as well at present."""

    def listening(self, name: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set whenever the name is published; clear it before looking again."""

    async def publish(self, name: str) -> None:
        """Wake whoever listens to the name."""


class OwnWakeups:
    """Wakes those who listen in this process."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = defaultdict(set)

    @property
    def reach_all(self) -> bool:
        """No: other processes have to look for themselves."""
        return False

    @contextmanager
    def listening(self, name: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the name is published; clear it before looking again."""
        woken = asyncio.Event()
        self._listening[name].add(woken)
        try:
            yield woken
        finally:
            self._listening[name].discard(woken)
            if not self._listening[name]:
                del self._listening[name]

    async def publish(self, name: str) -> None:
        """Wake whoever listens to the name here."""
        self.wake(name)

    def wake(self, name: str) -> None:
        """Wake whoever listens to the name here."""
        for woken in self._listening.get(name, ()):
            woken.set()

    def wake_all(self) -> None:
        """Wake everybody: words may have been lost."""
        for name in list(self._listening):
            self.wake(name)


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
