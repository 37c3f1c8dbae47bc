"""Forgetting: a batch's rows and answers go with its time, its counts and the evidence stay."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import work
from gateway.sealing import data_keys, destroy_key
from gateway.verification.batches.tables import verification_batches, verification_chunks

RECEIVING = "receiving"
_AT_ONCE = 20
_batches, _chunks = verification_batches.c, verification_chunks.c


@dataclass(frozen=True, slots=True)
class DestroyingBatches:
    """The chore that destroys what is past its time; of a sheet that never arrived, everything."""

    database: Database
    clock: Clock

    async def run(self) -> None:
        """Destroy a few batches; the rest has its turn next time."""
        now = self.clock.now()
        query = select(_batches.batch_id, _batches.state).where(
            _batches.kept_until <= now, _batches.destroyed_at.is_(None)
        )
        async with self.database.reading() as connection:
            overdue = (await connection.execute(query.limit(_AT_ONCE))).all()
        for row in overdue:
            if row.state == RECEIVING:
                await discard(self.database, row.batch_id)
            else:
                async with self.database.transaction() as connection:
                    await _destroy(connection, row.batch_id, now)


async def discard(database: Database, batch_id: str) -> None:
    """Take back a batch that was never opened."""
    mine = (_batches.batch_id == batch_id) & (_batches.state == RECEIVING)
    async with database.transaction() as connection:
        found = (await connection.execute(select(_batches.batch_id).where(mine))).scalar()
        if found is None:
            return
        await connection.execute(delete(verification_chunks).where(_chunks.batch_id == batch_id))
        await connection.execute(delete(verification_batches).where(mine))
        await connection.execute(delete(data_keys).where(data_keys.c.key_id == batch_id))


async def _destroy(connection: AsyncConnection, batch_id: str, now: datetime) -> None:
    chunks = _chunks.batch_id == batch_id
    # Whoever holds a chunk at the moment finds its lease gone, and nothing is asked any more.
    work_ids = select(_chunks.work_id).where(chunks)
    await connection.execute(delete(work).where(work.c.subject_id.in_(work_ids)))
    await connection.execute(
        update(verification_chunks).where(chunks).values(sealed_rows=None, sealed_answers=None)
    )
    await connection.execute(
        update(verification_batches).where(_batches.batch_id == batch_id).values(destroyed_at=now)
    )
    await destroy_key(connection, batch_id, now)
