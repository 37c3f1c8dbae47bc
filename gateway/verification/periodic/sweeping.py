"""The worker's step that fills a round's batches: a chunk of records at a time, resumable.

Each step is one transaction with the place it has come to; a process that dies leaves the next one
to go on behind the last chunk. The batch is opened when all of it is there, and is then asked
like any other: inside the quota, in turns, and to be paused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim
from contracts.events import Stage
from contracts.outcomes import Outcome
from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import finish, lease, postpone
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.batches.chunk import OPEN
from gateway.verification.batches.rows import (
    ROWS_A_CHUNK,
    Answer,
    Pending,
    Row,
    SameAs,
    Standing,
    count,
    place_of,
    seal_rows,
    seal_standings,
)
from gateway.verification.batches.tables import verification_batches, verification_chunks
from gateway.verification.batches.turns import Turns
from gateway.verification.claims import claim_of, index_claim, index_question
from gateway.verification.periodic.missing import note_missing_documents
from gateway.verification.periodic.sweeps import SWEEP
from gateway.verification.periodic.tables import periodic_sweeps
from gateway.verification.periodic.temporaries import note_temporaries
from gateway.verification.problems.findings import Judged, note_verdicts
from gateway.verification.problems.holdings import Held, Holdings

LEASE_SECONDS = 120.0
ERASED = "erased"

_batches, _sweeps = verification_batches.c, periodic_sweeps.c
_Rows = Sequence[Found[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Sweeping:
    """Brings the records of a round into its batches; `holdings` are those of each stage."""

    database: Database
    sealer: Sealer = field(repr=False)
    clock: Clock
    holdings: Mapping[Stage, Holdings]
    turns: Turns
    kept_days: int

    async def step(self) -> int:
        """Fill one chunk of one batch; 0 where none waits."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            leases = await lease(connection, SWEEP, 1, now, LEASE_SECONDS)
            if not leases:
                return 0
            if await self._fill(connection, leases[0].subject_id, now):
                await postpone(connection, leases, now, attempted=False)
            else:
                await finish(connection, leases)
        return 1

    async def _fill(self, connection: AsyncConnection, batch_id: str, now: datetime) -> bool:
        """Whether there may be more after this chunk."""
        mine = _sweeps.batch_id == batch_id
        query = select(periodic_sweeps).where(mine, _sweeps.finished_at.is_(None))
        sweep = (await connection.execute(query.with_for_update())).one_or_none()
        keys = await load_keys(connection, [batch_id], self.sealer)
        if sweep is None or batch_id not in keys:
            return False
        records = await self._records(connection, sweep)
        if records:
            ids = [row.subject_id for row in records]
            held = await self.holdings[Stage(sweep.stage)].open(connection, ids)
            await self._add(connection, sweep, records, held, keys[batch_id])
            await self._note(connection, records, held, now)
            await note_missing_documents(connection, records, held, now)
            await note_temporaries(connection, sweep.round_id, records, held, self.sealer, now)
        rows, more = sweep.rows + len(records), len(records) == ROWS_A_CHUNK
        last = records[-1].subject_id if records else sweep.after
        reached = {"rows": rows, "after": last, "finished_at": None if more else now}
        await connection.execute(update(periodic_sweeps).where(mine).values(reached))
        if not more:
            await self._open(connection, batch_id, rows, now)
        return more

    async def _records(self, connection: AsyncConnection, sweep: Found[tuple[Any, ...]]) -> _Rows:
        held = self.holdings[Stage(sweep.stage)].rows().subquery()
        mine = held.c.area.in_(json.loads(sweep.areas)) & (held.c.subject_id > sweep.after)
        query = select(held).where(mine).order_by(held.c.subject_id).limit(ROWS_A_CHUNK)
        return (await connection.execute(query)).all()

    async def _add(
        self,
        connection: AsyncConnection,
        sweep: Found[tuple[Any, ...]],
        records: _Rows,
        held: Mapping[str, Held],
        key: DataKey,
    ) -> None:
        read = self._read(records, held, sweep.rows)
        rows, standings = [row for row, _ in read], [standing for _, standing in read]
        place = place_of(sweep.rows + 1)
        work_id = f"{sweep.batch_id}/{place}"
        to_ask = sum(isinstance(standing, Pending) for standing in standings)
        chunk = {
            "batch_id": sweep.batch_id,
            "place": place,
            "work_id": work_id,
            "turn": 0,
            "rows": len(rows),
            "to_ask": to_ask,
            "pending": to_ask,
            "repeated": sum(isinstance(standing, SameAs) for standing in standings),
            "counts": json.dumps(count(standings)),
            "sealed_rows": seal_rows(rows, key, work_id),
            "sealed_answers": seal_standings(standings, key, work_id),
        }
        await connection.execute(verification_chunks.insert().values(chunk))

    def _read(
        self, records: _Rows, held: Mapping[str, Held], before: int
    ) -> list[tuple[Row, Standing]]:
        """Each record as a row of the batch; the same claim once more in a chunk is not asked."""
        first: dict[str, int] = {}
        read: list[tuple[Row, Standing]] = []
        for ordinal, record in enumerate(records, before + 1):
            known = held.get(record.subject_id)
            claim = claim_of(known.identity) if known else Answer(Outcome.UNKNOWN, ERASED)
            if not isinstance(claim, Claim):
                answer = claim if isinstance(claim, Answer) else Answer(claim)
                read.append((Row(ordinal, record.subject_id, "", ""), answer))
                continue
            row = Row(ordinal, record.subject_id, claim.name, claim.citizen_number)
            same = first.setdefault(index_claim(claim, self.sealer), ordinal)
            read.append((row, Pending() if same == ordinal else SameAs(same)))
        return read

    async def _note(
        self, connection: AsyncConnection, records: _Rows, held: Mapping[str, Held], now: datetime
    ) -> None:
        """Note the records that are wrong before anybody is asked."""
        wrong = [
            Judged(row.subject_id, row.key_id, row.school, row.area, Outcome.INVALID_CLAIM, claim)
            for row in records
            if (known := held.get(row.subject_id)) is not None
            and claim_of(known.identity) is Outcome.INVALID_CLAIM
            for claim in [index_question(known.identity, self.sealer)]
        ]
        await note_verdicts(connection, wrong, now)

    async def _open(
        self, connection: AsyncConnection, batch_id: str, rows: int, now: datetime
    ) -> None:
        kept_until = now + timedelta(days=self.kept_days)
        opened = {"state": OPEN, "rows": rows, "kept_until": kept_until}
        await connection.execute(
            update(verification_batches).where(_batches.batch_id == batch_id).values(opened)
        )
        await self.turns.queue(connection, batch_id, now)
