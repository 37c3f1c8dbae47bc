"""Under which keys rounds keep something of a child."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.people.erasing import Known
from gateway.verification.periodic.tables import round_subjects


async def subject_keys(connection: AsyncConnection, known: Known) -> set[str]:
    """The keys of what rounds learnt of the child, found by number or document."""
    columns = round_subjects.c
    theirs = or_(
        columns.number_index.in_(sorted(known.numbers)),
        columns.document_index.in_(sorted(known.persons)),
        columns.subject_id.in_(sorted(known.persons)),
    )
    return set((await connection.execute(select(columns.key_id).where(theirs))).scalars())
