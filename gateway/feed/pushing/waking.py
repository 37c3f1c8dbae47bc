"""Makes the lanes due that have something to deliver: after each publication, and now and then."""

from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.pushing.tables import push_asides, push_standings
from gateway.feed.subscribing.tables import replays
from gateway.feed.subscribing.terms import Mode, State
from gateway.feed.tables import subscriptions
from gateway.leases import enqueue, work

PUSH = "push"


async def wake_lanes(connection: AsyncConnection, now: datetime) -> None:
    """Make due every lane that has something to deliver and does not rest."""
    one, standing = subscriptions.c, push_standings.c
    reached = func.coalesce(standing.reached, 0)
    waits = exists().where(
        replays.c.subscription_id == one.subscription_id, replays.c.done_at.is_(None)
    )
    passed = exists().where(
        push_asides.c.subscription_id == one.subscription_id,
        push_asides.c.number <= one.acknowledged,
    )
    rested = or_(standing.rests_until.is_(None), standing.rests_until <= now, standing.suspect != 0)
    # Each lane has its next time, if only for a heartbeat; one that was resumed has none yet.
    scheduled = exists().where(work.c.kind == PUSH, work.c.subject_id == one.subscription_id)
    query = (
        select(one.subscription_id)
        .outerjoin_from(
            subscriptions, push_standings, standing.subscription_id == one.subscription_id
        )
        .where(one.mode != Mode.PULL.value, one.state == State.ACTIVE.value, rested)
        .where(or_((one.head > reached) & (one.head > one.acknowledged), waits, passed, ~scheduled))
    )
    await enqueue(connection, PUSH, (await connection.execute(query)).scalars().all(), now)
