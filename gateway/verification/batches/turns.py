"""Whose turn it is: institutions share a register fairly, however much each has handed in.

Every chunk has a turn, a number; the chunk with the lowest one that is due is asked next. The
chunks of one institution lie a stride apart, and a batch that comes in begins where those under
way stand now, or after its institution's own last chunk: so two institutions take turns, chunk by
chunk, and a second batch of one is no second share. Who has twice the weight strides half as far.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.leases import Lease, enqueue, is_due, lease, work
from gateway.verification.batches.tables import verification_batches, verification_chunks
from gateway.verification.query import work_kind

BATCH = "batch"
LEASE_SECONDS = 120.0
STRIDE = 1_000_000
_CANDIDATES = 4  # another worker may take the first ones in the same moment

_batches, _chunks = verification_batches.c, verification_chunks.c


@dataclass(frozen=True, slots=True)
class Turns:
    """The order of chunks; an institution that `weights` does not name has the weight 1."""

    weights: Mapping[str, float]

    async def queue(self, connection: AsyncConnection, batch_id: str, now: datetime) -> None:
        """Give the chunks of a batch that wait their turns, and have them asked."""
        waiting = (_chunks.batch_id == batch_id) & (_chunks.pending > 0)
        found = select(_chunks.work_id, _chunks.place).where(waiting).order_by(_chunks.place)
        rows = (await connection.execute(found)).all()
        if not rows:
            return
        whose = select(_batches.system, _batches.institution).where(_batches.batch_id == batch_id)
        batch = (await connection.execute(whose)).one()
        begin = await self._begin(connection, batch.system, batch.institution)
        stride = max(1, round(STRIDE / self.weights.get(batch.institution, 1.0)))
        turn = (_chunks.place - rows[0].place) * stride + begin
        await connection.execute(update(verification_chunks).where(waiting).values(turn=turn))
        await enqueue(connection, batch_kind(batch.system), [row.work_id for row in rows], now)

    async def next(self, connection: AsyncConnection, system: str, now: datetime) -> Lease | None:
        """The chunk whose turn it is, leased; None where none waits."""
        kind = batch_kind(system)
        query = (
            select(_chunks.work_id)
            .join(work, work.c.subject_id == _chunks.work_id)
            .where(is_due(kind, now))
            .order_by(_chunks.turn, _chunks.work_id)
            .limit(_CANDIDATES)
        )
        for work_id in (await connection.execute(query)).scalars().all():
            if held := await lease(connection, kind, 1, now, LEASE_SECONDS, [work_id]):
                return held[0]
        return None

    async def _begin(self, connection: AsyncConnection, system: str, institution: str) -> int:
        everybodys = _under_way(system, func.min(_chunks.turn))
        own = _under_way(system, func.max(_chunks.turn)).where(_batches.institution == institution)
        now_at = (await connection.execute(everybodys)).scalar()
        last = (await connection.execute(own)).scalar()
        return max(now_at or 0, 0 if last is None else last + STRIDE)


def batch_kind(system: str) -> str:
    """The kind of work that asks a system about a chunk."""
    return work_kind(BATCH, system)


def _under_way(system: str, turn: ColumnElement[int]) -> "Select[int]":
    """A number over the turns of all chunks that are being asked or wait for it."""
    return (
        select(turn)
        .select_from(verification_chunks)
        .join(verification_batches, _batches.batch_id == _chunks.batch_id)
        .join(work, work.c.subject_id == _chunks.work_id)
        .where(work.c.kind == batch_kind(system))
    )
