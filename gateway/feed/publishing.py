"""Numbering committed changes, and laying each into the stream of every subscription it is for.

Both happen in one transaction of the one leader, so that a stream never ends amid a change; a
successor finds the streams as the last commit left them and goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.covering import Coverage, covers, half, sided
from gateway.feed.pushing.waking import wake_lanes
from gateway.feed.subscribing.keeping import Keeping, load_heads
from gateway.feed.subscribing.orders import carry_out_orders
from gateway.feed.tables import NUMBERED_CHANGES, status_changes, streams, subscriptions
from gateway.sequence.numbering import Numbering, number_rows

AT_ONCE = 2000
A_FEW = 100  # changes that are told sooner by few statements than by quick ones
CHANGE = "change"
STOPPED = "stopped"

_Row = Row[*tuple[Any, ...]]
_NEW_HEAD = (
    update(subscriptions)
    .where(subscriptions.c.subscription_id == bindparam("this_subscription"))
    .values(head=bindparam("new_head"))
)


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
    behind = (
        select(subscriptions)
        .where(subscriptions.c.state != STOPPED, subscriptions.c.position < last)
        .order_by(subscriptions.c.subscription_id)  # lanes take several in this order too
        .with_for_update()
    )
    found = (await connection.execute(behind)).all()
    near = [subscription for subscription in found if subscription.position >= last - A_FEW]
    await _lay_into_all(connection, near, last)
    for subscription in found:
        if subscription.position < last - A_FEW:
            await _lay_into(connection, subscription, last)


async def _lay_into_all(connection: AsyncConnection, near: Sequence[_Row], last: int) -> None:
    """Lay a few changes into many streams, in as many statements as into one.

    A statement for each stream would make a single change wait for all the subscriptions there are.
    """
    if not near:
        return
    changes = await _load_changes(connection, min(s.position for s in near), last)
    laid = {s.subscription_id: _places(s, changes) for s in near}
    if rows := [row for places in laid.values() for row in places]:
        await connection.execute(insert(streams), rows)
    theirs = subscriptions.c.subscription_id.in_(sorted(laid))
    await connection.execute(update(subscriptions).where(theirs).values(position=last))
    heads = [
        {"this_subscription": subscription_id, "new_head": places[-1]["number"]}
        for subscription_id, places in sorted(laid.items())
        if places
    ]
    if heads:
        await connection.execute(_NEW_HEAD, heads)


async def _load_changes(connection: AsyncConnection, after: int, last: int) -> Sequence[_Row]:
    columns = status_changes.c
    query = (
        select(
            columns.change_id,
            columns.position,
            columns.event,
            columns.stage,
            columns.area_from,
            columns.area_to,
        )
        .where(columns.position > after, columns.position <= last)
        .order_by(columns.position)
    )
    return (await connection.execute(query)).all()


def _places(subscription: _Row, changes: Sequence[_Row]) -> list[dict[str, object]]:
    """The rows of a stream that these changes become, numbered on from its head."""
    side = sided(Coverage(subscription.areas, subscription.stages, subscription.events))
    mine = (change for change in changes if change.position > subscription.position)
    covered = [(change.change_id, which) for change in mine if (which := side(change))]
    return [
        {
            "subscription_id": subscription.subscription_id,
            "number": number,
            "change_id": change_id,
            "half": which,
            "reason": CHANGE,
        }
        for number, (change_id, which) in enumerate(covered, subscription.head + 1)
    ]


async def _lay_into(connection: AsyncConnection, subscription: _Row, last: int) -> None:
    """Lay into one stream however many changes it is behind; the quickest way for many."""
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
