"""A chunk that is being asked: leased, opened, and written back as its answers come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.leases import Lease, LeaseLost, extend
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.batches.passing import Pass
from gateway.verification.batches.rows import (
    Row,
    count,
    open_rows,
    open_standings,
    seal_standings,
)
from gateway.verification.batches.tables import verification_batches, verification_chunks
from gateway.verification.batches.turns import LEASE_SECONDS

OPEN = "open"
_batches, _chunks = verification_batches.c, verification_chunks.c
_OPENED = (
    *(_batches.batch_id, _batches.institution, _batches.school, _batches.area, _batches.key_id),
    *(_batches.case, _batches.trace_id, _batches.opens_problems),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a chunk's calls say of the batch it belongs to."""

    batch_id: str
    institution: str
    school: str
    area: str
    key_id: str
    case: str
    trace_id: str
    opens_problems: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """One leased chunk and how far its pass has come."""

    lease: Lease
    batch: Batch
    key: DataKey = field(repr=False)
    rows: Sequence[Row] = field(repr=False)
    passing: Pass = field(repr=False)


async def open_chunk(
    connection: AsyncConnection, lease: Lease, sealer: Sealer, at_once: int
) -> Chunk | None:
    """The chunk, ready to be asked; None where its batch was paused, cancelled or destroyed."""
    query = (
        select(*_OPENED, _chunks.sealed_rows, _chunks.sealed_answers)
        .join(verification_chunks, _chunks.batch_id == _batches.batch_id)
        .where(_chunks.work_id == lease.subject_id, _batches.state == OPEN)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None or row.sealed_rows is None:
        return None
    keys = await load_keys(connection, [row.key_id], sealer)
    if row.key_id not in keys:
        return None
    key, work_id = keys[row.key_id], lease.subject_id
    standings = open_standings(row.sealed_answers, key, work_id)
    batch = Batch(*row[: len(_OPENED)])
    return Chunk(
        lease, batch, key, open_rows(row.sealed_rows, key, work_id), Pass(standings, at_once)
    )


async def still_open(connection: AsyncConnection, chunk: Chunk) -> bool:
    """Whether the batch is to be asked on: it may have been paused meanwhile."""
    query = select(_batches.state).where(_batches.batch_id == chunk.batch.batch_id)
    return (await connection.execute(query)).scalar() == OPEN


async def hold_on(connection: AsyncConnection, chunk: Chunk, now: datetime) -> None:
    """Lengthen the lease; raise `LeaseLost` where another process has taken the chunk over."""
    until = now + timedelta(seconds=LEASE_SECONDS)
    if not await extend(connection, [chunk.lease], until):
        raise LeaseLost("a chunk was taken over while it was asked about")


async def write_back(connection: AsyncConnection, chunk: Chunk, now: datetime) -> None:
    """Keep where every row stands; with none pending the chunk is finished."""
    standings, work_id = chunk.passing.standings, chunk.lease.subject_id
    pending = chunk.passing.pending
    await connection.execute(
        update(verification_chunks)
        .where(_chunks.work_id == work_id, _chunks.sealed_rows.is_not(None))
        .values(
            sealed_answers=seal_standings(standings, chunk.key, work_id),
            counts=json.dumps(count(standings)),
            pending=pending,
            finished_at=None if pending else now,
        )
    )
