"""Waiting for a stream to grow: one look at the store for all who wait, none while nobody does."""

import asyncio
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from gateway.database import Database
from gateway.feed.tables import subscriptions
from gateway.shared.wakeups import Wakeups

PUBLISHED = "feed"  # the word that streams have grown
ALONE_SECONDS = 0.1  # between two looks where other processes cannot wake us
WOKEN_SECONDS = 5.0  # where they can: a word may be lost

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    subscription_id: str
    after: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Heads:
    """Wakes those who wait for a number that is not there yet; holds no connection meanwhile."""

    def __init__(self, database: Database, wakeups: Wakeups) -> None:
        self._database = database
        self._wakeups = wakeups
        self._waiting: set[_Waiter] = set()
        self._looking: asyncio.Task[None] | None = None

    async def grown(self, subscription_id: str, after: int, seconds: float) -> bool:
        """Whether the stream went beyond `after` within so many seconds."""
        waiter = _Waiter(subscription_id, after)
        self._waiting.add(waiter)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="feed heads")
        try:
            async with asyncio.timeout(seconds):
                await waiter.woken.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(waiter)
        return True

    async def close(self) -> None:
        """Stop looking, and send those who wait away."""
        for waiter in self._waiting:
            waiter.woken.set()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        with self._wakeups.listening(PUBLISHED) as published:
            while self._waiting:
                published.clear()
                await self._try()
                pause = WOKEN_SECONDS if self._wakeups.reach_all else ALONE_SECONDS
                try:
                    async with asyncio.timeout(pause):
                        await published.wait()
                except TimeoutError:
                    continue

    async def _try(self) -> None:
        try:
            await self._wake()
        except (SQLAlchemyError, OSError, TimeoutError) as fault:
            # Those who wait are answered at the end of their time, by a look of their own.
            _log.warning("feed_heads_not_read", fault=type(fault).__name__)

    async def _wake(self) -> None:
        wanted = {waiter.subscription_id for waiter in self._waiting}
        columns = subscriptions.c
        query = select(columns.subscription_id, columns.head).where(
            columns.subscription_id.in_(wanted)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        heads = {row.subscription_id: row.head for row in rows}
        for waiter in self._waiting:
            if heads.get(waiter.subscription_id, 0) > waiter.after:
                waiter.woken.set()
