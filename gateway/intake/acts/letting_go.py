"""Letting a child go: others may claim it, and those it was held from are looked at again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.intake.rules.states import Hold
from gateway.intake.steps.looking import LOOK
from gateway.intake.steps.waking import waiting_for
from gateway.intake.tables import claims
from gateway.leases import enqueue


async def let_go(
    connection: AsyncConnection,
    handover_ids: Sequence[str],
    now: datetime,
    keeping: Collection[str] = (),
) -> None:
    """Release the claims of these handovers, but for those kept, and wake whom they held."""
    mine = claims.c.handover_id.in_(list(handover_ids)) & claims.c.child_index.not_in(list(keeping))
    indexes = (await connection.execute(select(claims.c.child_index).where(mine))).scalars().all()
    if not indexes:
        return
    await connection.execute(delete(claims).where(claims.c.child_index.in_(indexes)))
    waiting = await waiting_for(connection, indexes)
    rivals = [i for i, hold in waiting.items() if hold == Hold.CLAIMED_ELSEWHERE]
    await enqueue(connection, LOOK, rivals, now)
