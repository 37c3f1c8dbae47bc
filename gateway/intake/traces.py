"""Under which keys this room keeps something of a child."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.intake.tables import handovers
from gateway.people.erasing import Known


async def handover_keys(connection: AsyncConnection, known: Known) -> set[str]:
    """The keys of the child's handovers, found by number, document or themselves."""
    columns, persons = handovers.c, sorted(known.persons)
    theirs = or_(
        columns.number_index.in_(sorted(known.numbers)),
        columns.document_index.in_(persons),
        columns.handover_id.in_(persons),
    )
    query = select(columns.key_id).where(theirs)
    return set((await connection.execute(query)).scalars())
