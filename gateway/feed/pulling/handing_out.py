"""What was handed out to whom: noted before an answer leaves, whichever way the events go."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.feed.pulling.tables import handed_out
from gateway.feed.tables import subscriptions

ASKED_SECONDS = 5  # how old the note of a subscriber's last asking may be


async def note_handed_out(
    connection: AsyncConnection, subscription_id: str, after: int, last: int
) -> None:
    """Note that the events `after` + 1 to `last` were given; those beyond a hole are left out."""
    known = await handed_out_to(connection, subscription_id)
    if after > known or last <= known:
        return
    statement = insert_into(connection, handed_out).values(
        subscription_id=subscription_id, number=last
    )
    # Another process may have noted more meanwhile.
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["subscription_id"],
            set_={"number": last},
            where=handed_out.c.number < last,
        )
    )


async def handed_out_to(connection: AsyncConnection, subscription_id: str) -> int:
    """Up to which number a subscriber was given everything, or said itself to have it."""
    query = (
        select(subscriptions.c.acknowledged, handed_out.c.number)
        .outerjoin_from(
            subscriptions,
            handed_out,
            handed_out.c.subscription_id == subscriptions.c.subscription_id,
        )
        .where(subscriptions.c.subscription_id == subscription_id)
    )
    row = (await connection.execute(query)).one()
    acknowledged: int = row.acknowledged
    return max(acknowledged, row.number or 0)


async def note_asked(connection: AsyncConnection, subscription_id: str, now: datetime) -> None:
    """Note that the subscriber asked just now."""
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscription_id == subscription_id)
        .values(asked_at=now)
    )


def is_stale(asked_at: datetime, now: datetime) -> bool:
    """Whether the note of a subscriber's last asking has to be made anew."""
    return asked_at <= now - timedelta(seconds=ASKED_SECONDS)
