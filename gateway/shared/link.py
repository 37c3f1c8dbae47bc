"""The link to Redis: quick or not at all, so that nobody waits for a Redis that does not answer.

One failure or timeout takes the link down: whoever asks then is told so at once and uses what
stands in, while one task of the link's own looks whether Redis is back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from contracts.errors import JisuiError

T = TypeVar("T")

SECONDS = 0.05  # for one command
LOOK_SECONDS = 0.2  # for a look whether it is back, which may have to connect
REST_SECONDS = 0.5  # between two looks

_log = structlog.get_logger()


class LinkDown(JisuiError):
    """Redis does not answer at present; what it would have said has to come from elsewhere."""


class Link:
    """Commands to one Redis, each within its seconds, none while the link is down."""

    def __init__(self, redis: Redis, seconds: float = SECONDS) -> None:
        """Take a client that retries nothing by itself."""
        self._redis = redis
        self._seconds = seconds
        self._looking: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether commands are sent at present."""
        return self._looking is None

    async def run(self, command: Callable[[Redis], Awaitable[T]]) -> T:
        """What Redis answers, or raise `LinkDown`; then it may or may not have done it."""
        if not self.up:
            raise LinkDown
        try:
            async with asyncio.timeout(self._seconds):
                return await command(self._redis)
        except (RedisError, OSError, TimeoutError) as fault:
            self._take_down(fault)
            raise LinkDown from None  # the cause may quote the address

    async def look(self) -> bool:
        """Whether Redis answers; where it does not, the link is down until it does."""
        try:
            async with asyncio.timeout(max(LOOK_SECONDS, self._seconds)):
                return bool(await self._redis.ping())
        except (RedisError, OSError, TimeoutError) as fault:
            self._take_down(fault)
            return False

    async def close(self) -> None:
        """Stop looking, and close every connection."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._redis.aclose()

    def _take_down(self, fault: Exception) -> None:
        if self._looking is None:
            _log.warning("redis_lost", fault=type(fault).__name__)
            self._looking = asyncio.create_task(self._look_until_back(), name="redis link")

    async def _look_until_back(self) -> None:
        while True:
            await asyncio.sleep(REST_SECONDS)
            if await self.look():
                break
        _log.info("redis_back")
        self._looking = None


@asynccontextmanager
async def open_link(url: str, seconds: float = SECONDS) -> AsyncIterator[Link]:
    """The link to the Redis at this address, which need not answer yet; closed at the end.

    A command may take so many seconds.
    """
    link = Link(open_redis(url), seconds)
    await link.look()
    try:
        yield link
    finally:
        await link.close()


def open_redis(url: str) -> Redis:
    """A client that tries everything once."""
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,  # the link bounds each command as a whole
        socket_connect_timeout=LOOK_SECONDS,
    )
