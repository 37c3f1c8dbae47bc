"""What was handed out to whom: noted before an answer leaves, whichever way the events go."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_on
from gateway.feed.pulling.tables import handed_out
from gateway.feed.tables import subscriptions

ASKED_SECONDS = 5  # how old the note of a subscriber's last asking may be


async def note_handed_out(
    connection: AsyncConnection, subscription_id: str, after: int, last: int
) -> None:
    """Note that the events `after` + 1 to `last` were given; those beyond a hole are left out."""
    await note_all_handed_out(connection, {subscription_id: (after, last)})


async def note_all_handed_out(
    connection: AsyncConnection, given: Mapping[str, tuple[int, int]]
) -> None:
    """The same for many: by subscription, after which number and up to which."""
    known = await _handed_out_to_all(connection, given)
    noted = [
        {"subscription_id": subscription_id, "number": last}
        for subscription_id, (after, last) in sorted(given.items())
        if after <= known[subscription_id] < last
    ]
    if noted:
        await connection.execute(_NOTE[connection.dialect.name], noted)


async def handed_out_to(connection: AsyncConnection, subscription_id: str) -> int:
    """Up to which number a subscriber was given everything, or said itself to have it."""
    return (await _handed_out_to_all(connection, [subscription_id]))[subscription_id]


async def _handed_out_to_all(
    connection: AsyncConnection, subscription_ids: Iterable[str]
) -> Mapping[str, int]:
    ours = subscriptions.c
    query = (
        select(ours.subscription_id, ours.acknowledged, handed_out.c.number)
        .outerjoin_from(
            subscriptions, handed_out, handed_out.c.subscription_id == ours.subscription_id
        )
        .where(ours.subscription_id.in_(list(subscription_ids)))
    )
    rows = await connection.execute(query)
    return {row.subscription_id: max(row.acknowledged, row.number or 0) for row in rows}


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


def _note(engine: str) -> Insert:
    statement = insert_on(engine, handed_out)
    further = statement.excluded.number
    # Another process may have noted more meanwhile.
    return statement.on_conflict_do_update(
        index_elements=["subscription_id"],
        set_={"number": further},
        where=handed_out.c.number < further,
    )


_NOTE = {engine: _note(engine) for engine in ("sqlite", "postgresql")}
