"""What was recorded of a child before: where its last change of a kind came from."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Event
from gateway.feed.recording import Place
from gateway.feed.tables import status_changes


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
