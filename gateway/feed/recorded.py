"""What was recorded of a child before: where its last change of a kind came from, and when."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Event
from gateway.feed.recording import Place
from gateway.feed.tables import status_changes

_NO_STATUS = (Event.PROBLEM_OPENED.value, Event.PROBLEM_CLOSED.value)


async def load_origins(
    connection: AsyncConnection, person_ids: Collection[str], event: Event
) -> Mapping[str, Place]:
    """Where each of these children was before its last change of this kind, where there is one."""
    if not person_ids:
        return {}
    changes = status_changes.c
    query = (
        select(changes.person_id, changes.school_from, changes.area_from)
        .where(changes.person_id.in_(sorted(set(person_ids))), changes.event == event.value)
        .order_by(changes.version)
    )
    rows = await connection.execute(query)
    return {row.person_id: Place(row.school_from, row.area_from) for row in rows}


async def load_newest(
    connection: AsyncConnection, person_ids: Collection[str]
) -> Mapping[str, tuple[datetime, datetime]]:
    """When the last change of each child's status happened, and when one was recorded last.

    Problem records change no status.
    """
    columns = status_changes.c
    newest = (func.max(columns.occurred_at), func.max(columns.recorded_at))
    query = (
        select(columns.person_id, *newest)
        .where(columns.person_id.in_(sorted(person_ids)), columns.event.not_in(_NO_STATUS))
        .group_by(columns.person_id)
    )
    return {person: (at, told) for person, at, told in await connection.execute(query)}
