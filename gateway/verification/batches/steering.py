"""Pausing, resuming and cancelling a batch; what is on its way to the register still counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.leases import work
from gateway.verification.batches.tables import verification_batches, verification_chunks
from gateway.verification.batches.turns import Turns

_batches, _chunks = verification_batches.c, verification_chunks.c


class Wish(StrEnum):
    """What may be done to a batch."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


# From which states a wish leads where; what leads nowhere is refused. A cancelled batch stays so.
_LEADS: dict[Wish, tuple[Sequence[str], str]] = {
    Wish.PAUSE: (("open", "paused"), "paused"),
    Wish.RESUME: (("open", "paused"), "open"),
    Wish.CANCEL: (("open", "paused", "cancelled"), "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Steering:
    """Changes whether a batch is asked on."""

    turns: Turns

    async def steer(
        self, connection: AsyncConnection, batch_id: str, wish: Wish, now: datetime
    ) -> bool:
        """Whether the batch now is as wished; False where its state does not allow it.

        A batch that is over already is neither paused nor cancelled.
        """
        allowed, after = _LEADS[wish]
        moved = await connection.execute(
            update(verification_batches)
            .where(_batches.batch_id == batch_id, _batches.state.in_(allowed))
            .where(
                _batches.destroyed_at.is_(None),
                select(_chunks.place).where(_waits(batch_id)).exists(),
            )
            .values(state=after)
        )
        if moved.rowcount != 1:
            return False
        if wish is Wish.RESUME:
            await self.turns.queue(connection, batch_id, now)
        else:
            await _withdraw(connection, batch_id, now)
        return True


async def _withdraw(connection: AsyncConnection, batch_id: str, now: datetime) -> None:
    """Take back what nobody has begun; who holds a chunk sees the batch's state and stops."""
    mine = select(_chunks.work_id).where(_waits(batch_id))
    free = or_(work.c.held_until.is_(None), work.c.held_until <= now)
    await connection.execute(delete(work).where(work.c.subject_id.in_(mine), free))


def _waits(batch_id: str) -> ColumnElement[bool]:
    """The chunks of a batch that have rows without an answer."""
    return and_(_chunks.batch_id == batch_id, _chunks.pending > 0)
