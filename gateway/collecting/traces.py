"""Under which keys changes wait here for a decision about their code."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.collecting.tables import parked_changes
from gateway.people.erasing import Known


async def parked_keys(connection: AsyncConnection, known: Known) -> set[str]:
    """The keys of the child's parked changes."""
    theirs = parked_changes.c.person_id.in_(sorted(known.persons))
    query = select(parked_changes.c.key_id).where(theirs)
    return set((await connection.execute(query)).scalars())
