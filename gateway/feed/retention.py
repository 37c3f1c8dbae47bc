"""Trimming streams: what is past its time and acknowledged goes; numbers are never used again.

How old a number is, marks tell that are set each time: the change under it may be older by years,
as one that was back-filled. Of each child the last event stays, which is what digests, newcomers
and corrections are told from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database, Instant, insert_into
from gateway.feed.subscribing.tables import claim_tickets, tombstones
from gateway.feed.subscribing.terms import State
from gateway.feed.tables import status_changes, stream_marks, stream_trims, streams, subscriptions

NUMBERS_AT_ONCE = 2000
_marks, _streams = stream_marks.c, streams.c


@dataclass(frozen=True, slots=True)
class Retention:
    """Trims every stream; `kept_for` is None where all is kept for ever."""

    database: Database
    clock: Clock
    kept_for: timedelta | None

    async def run(self) -> None:
        """Mark where each stream is, and trim what was marked long enough ago."""
        if self.kept_for is None:
            return
        now = self.clock.now()
        async with self.database.transaction() as connection:
            await _mark(connection, now)
        async with self.database.reading() as connection:
            overdue = await _overdue(connection, now - self.kept_for)
        for subscription_id, trimmed, last in overdue:
            for after in range(trimmed, last, NUMBERS_AT_ONCE):
                to = min(after + NUMBERS_AT_ONCE, last)
                async with self.database.transaction() as connection:
                    await _trim(connection, subscription_id, after, to)


async def _mark(connection: AsyncConnection, now: datetime) -> None:
    """Keep where each stream is at this moment, where it is elsewhere than when it was marked."""
    columns = subscriptions.c
    marked = select(func.coalesce(func.max(_marks.number), 0)).where(
        _marks.subscription_id == columns.subscription_id
    )
    grown = select(columns.subscription_id, columns.head, literal(now, Instant)).where(
        columns.head > marked.scalar_subquery()
    )
    names = ["subscription_id", "number", "marked_at"]
    await connection.execute(insert(stream_marks).from_select(names, grown))


async def _overdue(connection: AsyncConnection, before: datetime) -> Sequence[Row[str, int, int]]:
    """Streams with numbers past their time: trimmed so far, and to be trimmed up to.

    What a subscriber has not acknowledged is kept for it, however old.
    """
    columns = subscriptions.c
    old = (
        select(_marks.subscription_id, func.max(_marks.number).label("number"))
        .where(_marks.marked_at <= before)
        .group_by(_marks.subscription_id)
        .subquery()
    )
    has = case(
        (columns.state == State.STOPPED.value, old.c.number),
        (columns.acknowledged < old.c.number, columns.acknowledged),
        else_=old.c.number,
    )
    trimmed = func.coalesce(stream_trims.c.number, 0)
    query = (
        select(columns.subscription_id, trimmed, has)
        .join(old, old.c.subscription_id == columns.subscription_id)
        .outerjoin(stream_trims, stream_trims.c.subscription_id == columns.subscription_id)
        .where(has > trimmed)
        .order_by(columns.subscription_id)
    )
    return (await connection.execute(query)).all()


async def _trim(connection: AsyncConnection, subscription_id: str, after: int, to: int) -> None:
    """Drop the events after one number up to another, but for those that are a child's last."""
    statement = insert_into(connection, stream_trims).values(
        subscription_id=subscription_id, number=to
    )
    known = statement.on_conflict_do_update(index_elements=["subscription_id"], set_={"number": to})
    await connection.execute(known)
    numbers = await _superseded(connection, subscription_id, after, to)
    for table in (tombstones, claim_tickets, streams):
        mine = (table.c.subscription_id == subscription_id, table.c.number.in_(numbers))
        await connection.execute(delete(table).where(*mine))
    spent = (_marks.subscription_id == subscription_id, _marks.number < to)
    await connection.execute(delete(stream_marks).where(*spent))


async def _superseded(
    connection: AsyncConnection, subscription_id: str, after: int, to: int
) -> list[int]:
    """Those of the numbers whose child has a later event in the stream."""
    later, theirs = streams.alias(), status_changes.alias()
    superseded: Any = (
        select(later.c.number)
        .join(theirs, theirs.c.change_id == later.c.change_id)
        .where(later.c.subscription_id == subscription_id, later.c.number > _streams.number)
        .where(theirs.c.person_id == status_changes.c.person_id, theirs.c.late.is_(False))
        .exists()
    )
    query = (
        select(_streams.number)
        .join(status_changes, status_changes.c.change_id == _streams.change_id)
        .where(_streams.subscription_id == subscription_id)
        .where(_streams.number > after, _streams.number <= to, superseded)
    )
    return list((await connection.execute(query)).scalars())
