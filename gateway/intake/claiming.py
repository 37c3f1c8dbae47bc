"""Which school may carry a child: the first to report it, one at a time."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.intake.handover import Handover
from gateway.intake.tables import claims


async def claim(
    connection: AsyncConnection, wanted: Sequence[tuple[Handover, Iterable[str]]]
) -> None:
    """Claim each child by its indexes, where no other handover holds them already."""
    rows = {
        index: {
            "child_index": index,
            "handover_id": handover.handover_id,
            "school": handover.school,
        }
        for handover, indexes in wanted
        for index in sorted(set(indexes))
    }
    if rows:
        # In one order for everybody, so that two processes never wait for each other.
        ordered = [rows[index] for index in sorted(rows)]
        await connection.execute(insert_into(connection, claims).on_conflict_do_nothing(), ordered)


async def claimed_elsewhere(
    connection: AsyncConnection, wanted: Mapping[str, tuple[str, frozenset[str]]]
) -> frozenset[str]:
    """The handovers (id → school, indexes) one of whose indexes another school claims."""
    every = {index for _, indexes in wanted.values() for index in indexes}
    rows = await connection.execute(
        select(claims.c.child_index, claims.c.school).where(claims.c.child_index.in_(sorted(every)))
    )
    holder = {row.child_index: row.school for row in rows}
    return frozenset(
        handover_id
        for handover_id, (school, indexes) in wanted.items()
        if any(holder.get(index, school) != school for index in indexes)
    )


async def release(connection: AsyncConnection, handover_ids: Sequence[str]) -> None:
    """Let others claim the children of these handovers."""
    await connection.execute(delete(claims).where(claims.c.handover_id.in_(list(handover_ids))))
