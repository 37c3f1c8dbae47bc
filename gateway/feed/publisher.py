"""When to publish: whether anything waits for it, and who is told once it was done."""

from dataclasses import dataclass
from functools import cache

import structlog
from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Database
from gateway.feed.publishing import STOPPED, Publishing
from gateway.feed.pulling.waiting import PUBLISHED
from gateway.feed.subscribing.tables import subscription_orders
from gateway.feed.tables import status_changes, subscriptions
from gateway.shared.wakeups import WORK, Wakeups

PUBLISH = "publish"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes where there is something to publish, and wakes those who wait for their streams.

    Any process may: whoever has committed changes need not wait for another to see them.
    """

    database: Database
    publishing: Publishing
    wakeups: Wakeups

    async def step(self) -> int:
        """Publish what waits; how many changes it was, 0 where another process is at it."""
        published = await self.publishing.step()
        await self.wakeups.publish(PUBLISHED)
        return published

    async def follow(self) -> None:
        """Publish whenever a word of new work comes, for as long as this is not cancelled."""
        with self.wakeups.listening(WORK) as told:
            while True:
                await told.wait()
                told.clear()
                try:
                    await self._catch_up()
                except Exception as fault:
                    # Nothing is lost: what was committed waits for the next word, here or elsewhere
                    _log.error("publishing_failed", fault=type(fault).__name__)

    async def _catch_up(self) -> None:
        async with self.database.reading() as connection:
            waits = await anything_waits(connection)
        while waits and await self.step():
            pass


async def anything_waits(connection: AsyncConnection) -> bool:
    """Whether a change has no number yet, a stream is behind, or an order is to be carried out."""
    return bool((await connection.execute(_anything())).scalar())


@cache
def _anything() -> Select[bool]:
    # Asked after every request that may have changed something: made once.
    changes = status_changes.c
    last = select(func.coalesce(func.max(changes.position), 0)).scalar_subquery()
    behind = exists().where(subscriptions.c.state != STOPPED, subscriptions.c.position < last)
    unnumbered = exists().where(changes.position.is_(None))
    ordered = exists().where(subscription_orders.c.done_at.is_(None))
    return select(or_(unnumbered, ordered, behind))
