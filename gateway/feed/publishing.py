"""Numbering committed changes, and laying each into the stream of every subscription it is for.

Both happen in one transaction of the one leader, so that a stream never ends amid a change; a
successor finds the streams as the last commit left them and goes on from there.
"""

from dataclasses import dataclass

from sqlalchemy import Row, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.covering import Coverage, covers, half
from gateway.feed.pushing.waking import wake_lanes
from gateway.feed.subscribing.keeping import Keeping, load_heads
from gateway.feed.subscribing.orders import carry_out_orders
from gateway.feed.tables import NUMBERED_CHANGES, status_changes, streams, subscriptions
from gateway.sequence.numbering import Numbering, number_rows

AT_ONCE = 2000
CHANGE = "change"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Publishing:
    """One process's part in publishing."""

    database: Database
    clock: Clock
    numbering: Numbering
    keeping: Keeping

    async def step(self) -> int:
        """Publish what was committed; how many changes it was, 0 where another process leads.

        Whoever has nothing left to publish stops leading, so that a process that commits changes
        can publish them itself.
        """
        async with self.database.transaction() as connection:
            if not await self.numbering.leads(connection, self.clock.now()):
                return 0
            numbered = await number_rows(connection, NUMBERED_CHANGES, AT_ONCE)
            before = await load_heads(connection)
            await lay_out(connection)
            await carry_out_orders(connection, self.clock.now())
            await self.keeping.keep(connection, before)
            await wake_lanes(connection, self.clock.now())
            if numbered < AT_ONCE:
                await self.numbering.stop(connection, self.clock.now())
        return numbered


async def lay_out(connection: AsyncConnection) -> None:
    """Lay every numbered change into the streams it is missing from; for the leader alone."""
    last = (await connection.execute(select(func.max(status_changes.c.position)))).scalar() or 0
    behind = select(subscriptions).where(
        subscriptions.c.state != STOPPED, subscriptions.c.position < last
    )
    for subscription in (await connection.execute(behind)).all():
        await _lay_into(connection, subscription, last)


async def _lay_into(
    connection: AsyncConnection, subscription: Row[tuple[object, ...]], last: int
) -> None:
    changes = status_changes.c
    coverage = Coverage(subscription.areas, subscription.stages, subscription.events)
    number = subscription.head + func.row_number().over(order_by=changes.position)
    covered = (
        select(
            literal(subscription.subscription_id),
            number,
            changes.change_id,
            half(subscription.areas),
            literal(CHANGE),
        )
        .where(changes.position > subscription.position, changes.position <= last)
        .where(covers(coverage))
    )
    columns = ["subscription_id", "number", "change_id", "half", "reason"]
    laid = await connection.execute(insert(streams).from_select(columns, covered))
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscription_id == subscription.subscription_id)
        .values(position=last, head=subscription.head + laid.rowcount)
    )
