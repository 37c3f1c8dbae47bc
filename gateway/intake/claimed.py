"""The handover a school has for a child that it learned of by another way than its list."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.intake.tables import candidates, handovers


async def handover_at(
    connection: AsyncConnection, school: str, number_indexes: Sequence[str]
) -> str | None:
    """The school's newest handover that was matched to one of these numbers, or created with it."""
    matched = (
        select(candidates.c.handover_id)
        .where(candidates.c.handover_id == handovers.c.handover_id)
        .where(candidates.c.record_id == handovers.c.matched_record)
        .where(candidates.c.number_index.in_(number_indexes))
        .exists()
    )
    query = (
        select(handovers.c.handover_id)
        .where(handovers.c.school == school)
        .where(or_(matched, handovers.c.number_index.in_(number_indexes)))
        .order_by(handovers.c.handover_id.desc())
        .limit(1)
    )
    found: str | None = (await connection.execute(query)).scalar()
    return found
