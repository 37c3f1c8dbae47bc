"""Which school may carry a child: the first to report it, one at a time."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.among import among, parameter
from gateway.database import insert_on
from gateway.intake.found import Found
from gateway.intake.handover import Handover
from gateway.intake.tables import claims
from gateway.people.matching import Grade
from gateway.rows import write_rows

_CLAIM = {
    engine: insert_on(engine, claims).on_conflict_do_nothing()
    for engine in ("sqlite", "postgresql")
}
_HOLDERS = select(claims.c.child_index, claims.c.school).where(
    among(claims.c.child_index, parameter("indexes"))
)
_RELEASE = delete(claims).where(among(claims.c.handover_id, parameter("handover_ids")))


def claimable(handover: Handover, found: Sequence[Found]) -> frozenset[str]:
    """What this child can be claimed by: its own document and number, and its match's."""
    counting = [one for one in found if not one.rejected]
    chosen = [one for one in counting if one.record.record_id == handover.chosen_record]
    exact = [one for one in counting if one.candidate.match.grade is Grade.EXACT]
    matched = chosen or (exact if len(exact) == 1 else [])
    indexes = [handover.document_index, handover.number_index]
    indexes += [index for one in matched for index in (one.document_index, one.number_index)]
    return frozenset(index for index in indexes if index)


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
    # In one order for everybody, so that two processes never wait for each other.
    ordered = [rows[index] for index in sorted(rows)]
    await write_rows(connection, _CLAIM[connection.dialect.name], ordered)


async def claimed_elsewhere(
    connection: AsyncConnection, wanted: Mapping[str, tuple[str, frozenset[str]]]
) -> frozenset[str]:
    """The handovers (id → school, indexes) one of whose indexes another school claims."""
    every = {index for _, indexes in wanted.values() for index in indexes}
    rows = await connection.execute(_HOLDERS, {"indexes": sorted(every)})
    holder = {row.child_index: row.school for row in rows}
    return frozenset(
        handover_id
        for handover_id, (school, indexes) in wanted.items()
        if any(holder.get(index, school) != school for index in indexes)
    )


async def release(connection: AsyncConnection, handover_ids: Sequence[str]) -> None:
    """Let others claim the children of these handovers."""
    await connection.execute(_RELEASE, {"handover_ids": handover_ids})
