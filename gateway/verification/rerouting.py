"""What waits for a register that is configured no more is given to the one that serves its area."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.leases import enqueue, work
from gateway.verification.batches.tables import verification_batches, verification_chunks
from gateway.verification.batches.turns import batch_kind
from gateway.verification.query import QUERY, VERIFY, work_kind
from gateway.verification.tables import verifications

AT_ONCE = 1000
_batches, _chunks = verification_batches.c, verification_chunks.c


async def reroute(
    connection: AsyncConnection,
    systems: Sequence[str],
    system_of: Callable[[str], str],
    now: datetime,
) -> int:
    """Move up to `AT_ONCE` items of work whose register is none of `systems`; how many it were.

    `system_of` says which register serves an area. Whoever held one of them finds its lease lost.
    """
    known = [work_kind(kind, system) for kind in (VERIFY, QUERY) for system in systems]
    ours = or_(*(work.c.kind.startswith(work_kind(kind, "")) for kind in (VERIFY, QUERY)))
    stranded = (
        select(work.c.kind, work.c.subject_id, verifications.c.area)
        .outerjoin(verifications, verifications.c.subject_id == work.c.subject_id)
        .where(ours, work.c.kind.not_in(known))
        .limit(AT_ONCE)
        .with_for_update(of=work)
    )
    rows = (await connection.execute(stranded)).all()
    moved: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for row in rows:
        kind = row.kind.partition(":")[0]
        # Of what was erased meanwhile nobody need ask anybody.
        to = None if row.area is None else work_kind(kind, system_of(row.area))
        moved[row.kind, to].append(row.subject_id)
    for (kind, to), ids in moved.items():
        await connection.execute(
            delete(work).where(work.c.kind == kind, work.c.subject_id.in_(ids))
        )
        if to is not None:
            await enqueue(connection, to, ids, now)
    return len(rows)


async def reroute_batches(
    connection: AsyncConnection,
    systems: Sequence[str],
    system_of: Callable[[str], str],
    now: datetime,
) -> int:
    """The same for batches that are not finished, paused ones too; how many it were."""
    pending = exists().where(_chunks.batch_id == _batches.batch_id, _chunks.pending > 0)
    stranded = select(_batches.batch_id, _batches.area, _batches.system).where(
        _batches.system.not_in(systems), pending
    )
    rows = (await connection.execute(stranded.with_for_update())).all()
    for row in rows:
        to = system_of(row.area)
        mine = update(verification_batches).where(_batches.batch_id == row.batch_id)
        await connection.execute(mine.values(system=to))
        chunks = select(_chunks.work_id).where(_chunks.batch_id == row.batch_id)
        waiting = delete(work).where(
            work.c.kind == batch_kind(row.system), work.c.subject_id.in_(chunks)
        )
        queued = await connection.execute(waiting.returning(work.c.subject_id))
        await enqueue(connection, batch_kind(to), queued.scalars().all(), now)
    return len(rows)
