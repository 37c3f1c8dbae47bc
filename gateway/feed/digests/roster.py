"""A school's children as one subscription knows them by a number of its stream."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.client.merkle import Leaf
from gateway.feed.naming import child_kind
from gateway.feed.rendering import WITHDRAWAL
from gateway.feed.tables import status_changes, streams
from gateway.sealing import Sealer

_HERE = ZoneInfo("Asia/Shanghai")
_changes = status_changes.c


async def number_at(
    connection: AsyncConnection, subscription_id: str, head: int, on: date, now: datetime
) -> int:
    """The last number of a stream by the end of a day, by the clock of Asia/Shanghai."""
    end = datetime.combine(on + timedelta(days=1), time(), _HERE)
    if now < end:
        return head
    query = (
        select(streams.c.number)
        .join(status_changes, _changes.change_id == streams.c.change_id)
        .where(streams.c.subscription_id == subscription_id, _changes.recorded_at < end)
        .order_by(streams.c.number.desc())
        .limit(1)
    )
    return (await connection.execute(query)).scalar() or 0


async def load_roster(
    connection: AsyncConnection, sealer: Sealer, subscription_id: str, school: str, through: int
) -> Sequence[Leaf]:
    """Who is at the school after the event `through`: each child's name, version and status.

    A child is where its last event leaves it, as far as this subscription may know.
    """
    kind = child_kind(subscription_id)
    rows = await _last_changes(connection, subscription_id, school, through)
    return sorted(
        (sealer.index(kind, row.person_id), row.version, row.event)
        for row in rows
        if _school_after(row) == school
    )


async def _last_changes(
    connection: AsyncConnection, subscription_id: str, school: str, through: int
) -> Sequence[Row[tuple[object, ...]]]:
    """The last event of every child who was ever at the school."""
    mine = and_(streams.c.subscription_id == subscription_id, streams.c.number <= through)
    stayed = and_(_changes.school_from == school, _changes.area_to == "")
    ever = select(_changes.person_id).where(or_(_changes.school_to == school, stayed))
    last = (
        select(func.max(streams.c.number).label("number"))
        .join(status_changes, _changes.change_id == streams.c.change_id)
        .where(mine, _changes.person_id.in_(ever), _changes.late.is_(False))
        .group_by(_changes.person_id)
        .subquery()
    )
    query = (
        select(streams.c.half, streams.c.reason, status_changes)
        .join(last, streams.c.number == last.c.number)
        .join(status_changes, _changes.change_id == streams.c.change_id)
        .where(mine)
    )
    return (await connection.execute(query)).all()


def _school_after(row: Row[tuple[object, ...]]) -> object:
    """Where an event leaves its child, as its subscriber reads it; empty where that is unknown."""
    if row.reason == WITHDRAWAL:
        return ""
    side, school = ("to", row.school_to) if row.area_to else ("from", row.school_from)
    return school if row.half in ("both", side) else ""
