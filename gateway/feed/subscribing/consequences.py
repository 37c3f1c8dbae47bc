"""What would follow from resuming or replaying, counted before anybody decides."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.subscribing.subscription import Subscription
from gateway.feed.tables import status_changes, streams


@dataclass(frozen=True, slots=True)
class Consequences:
    """What lies between what is acknowledged and the head, and what each choice makes of it.

    Replaying all delivers `waiting` events; the latest of each child `children` events, under new
    numbers; a jump none: the subscriber has to fetch a snapshot.
    """

    waiting: int
    children: int
    since: datetime | None
    acknowledged: int
    head: int


async def foresee(connection: AsyncConnection, subscription: Subscription) -> Consequences:
    """The consequences of resuming now."""
    query = (
        select(
            func.count().label("waiting"),
            func.count(func.distinct(status_changes.c.person_id)).label("children"),
            func.min(status_changes.c.recorded_at).label("since"),
        )
        .select_from(streams.join(status_changes))
        .where(streams.c.subscription_id == subscription.subscription_id)
        .where(streams.c.number > subscription.acknowledged)
    )
    row = (await connection.execute(query)).one()
    reached = subscription.acknowledged, subscription.head
    return Consequences(row.waiting, row.children, row.since, *reached)
