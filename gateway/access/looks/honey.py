"""Honey records: made up among the real ones, so that nobody has a reason to open them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.looks.tables import honey_records
from gateway.database import insert_into

_columns = honey_records.c


async def place(connection: AsyncConnection, child: str, placed_by: str, now: datetime) -> bool:
    """Watch a record by the id under which it is opened; False where it is watched already."""
    row = {"child": child, "placed_by": placed_by, "placed_at": now}
    new = insert_into(connection, honey_records).on_conflict_do_nothing()
    return (await connection.execute(new, row)).rowcount == 1


async def remove(connection: AsyncConnection, child: str) -> bool:
    """Watch a record no more; whether it was watched."""
    gone = await connection.execute(delete(honey_records).where(_columns.child == child))
    return gone.rowcount == 1


async def placed(connection: AsyncConnection) -> Sequence[tuple[str, str, datetime]]:
    """Every watched record, since when, and who placed it."""
    query = select(_columns.child, _columns.placed_by, _columns.placed_at)
    rows = await connection.execute(query.order_by(_columns.placed_at, _columns.child))
    return [(row.child, row.placed_by, row.placed_at) for row in rows]


async def any_honey(connection: AsyncConnection, children: Sequence[str]) -> bool:
    """Whether one of these is a honey record."""
    query = select(_columns.child).where(_columns.child.in_(children)).limit(1)
    return (await connection.execute(query)).first() is not None
