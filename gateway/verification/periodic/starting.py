"""A round begins: the schools that take part, and a batch for each register that will be asked."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Log
from gateway.identifiers import Identifiers
from gateway.leases import enqueue
from gateway.sealing import KeyRow, Sealer, store_keys
from gateway.verification.batches.destroying import RECEIVING
from gateway.verification.batches.tables import verification_batches
from gateway.verification.periodic.round import (
    Round,
    draft,
    records_within,
    rounds_of_term,
)
from gateway.verification.periodic.rules import Refusal, Refused, overlap
from gateway.verification.periodic.tables import (
    periodic_rounds,
    periodic_schools,
    periodic_sweeps,
)
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.steps import OFFICE_TIME
from gateway.working_days import WorkingDays

SWEEP = "periodic_sweep"  # bring the next records into the batch
# A batch that is still being filled after so long counts as given up.
_FILLED_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Starting:
    """What it takes to start a round; `system_of` says which register serves an area."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    identifiers: Identifiers
    log: Log
    holdings: Holdings
    working_days: WorkingDays
    roster_days: int
    system_of: Callable[[str], str]

    async def start(self, connection: AsyncConnection, grant: Grant, term: str) -> Round:
        """The round of this office's whole area, or the one there is already; else `Refused`."""
        for other in await rounds_of_term(connection, term):
            if other.reach == grant.scope.value:
                return other
            if overlap(other.reach, grant.scope.value):
                raise Refused(Refusal.OVERLAPPING)
        now = self.clock.now()
        begun = draft(grant, self.identifiers(), term, self._due(now), now)
        schools = await self._schools(connection, begun)
        if not schools:
            raise Refused(Refusal.NO_RECORDS)
        await connection.execute(periodic_rounds.insert().values(asdict(begun)))
        await connection.execute(periodic_schools.insert(), [_part(begun, row) for row in schools])
        await self._sweep(connection, begun, sorted({row.area for row in schools}), now)
        told = {"term": term, "schools": str(len(schools))}
        started = grant.entry(Action.PERIODIC_STARTED, "started", begun.round_id, **told)
        await self.log.append(connection, [started])
        return begun

    async def _schools(
        self, connection: AsyncConnection, begun: Round
    ) -> Sequence[Row[tuple[Any, ...]]]:
        held, inside = records_within(self.holdings, begun.reach)
        query = select(held.c.school, held.c.area, func.count().label("records")).where(inside)
        return (await connection.execute(query.group_by(held.c.school, held.c.area))).all()

    async def _sweep(
        self, connection: AsyncConnection, begun: Round, areas: Sequence[str], now: datetime
    ) -> None:
        by_system: dict[str, list[str]] = {}
        for area in areas:
            by_system.setdefault(self.system_of(area), []).append(area)
        for system, served in sorted(by_system.items()):
            batch_id = self.identifiers()
            wrapped, _ = self.sealer.new_key()
            await store_keys(connection, [KeyRow(key_id=batch_id, wrapped=wrapped, created_at=now)])
            batch = verification_batches.insert().values(_batch(begun, batch_id, system, now))
            await connection.execute(batch)
            await connection.execute(
                periodic_sweeps.insert().values(
                    batch_id=batch_id,
                    round_id=begun.round_id,
                    system=system,
                    areas=json.dumps(served),
                    after="",
                    rows=0,
                )
            )
            await enqueue(connection, SWEEP, [batch_id], now)

    def _due(self, now: datetime) -> str:
        today = now.astimezone(OFFICE_TIME).date()
        return self.working_days.after(today, self.roster_days).isoformat()


def _part(begun: Round, row: Row[tuple[Any, ...]]) -> dict[str, object]:
    return {
        "round_id": begun.round_id,
        "school": row.school,
        "area": row.area,
        "records": row.records,
        "owner": f"school:{row.school}",
        "due_on": begun.due_on,
        "escalations": 0,
    }


def _batch(begun: Round, batch_id: str, system: str, now: datetime) -> dict[str, object]:
    """A batch of the office's own: it reads and pauses it like any other."""
    return {
        "batch_id": batch_id,
        "institution": begun.office,
        "school": "",
        "area": begun.area,
        "system": system,
        "key_id": batch_id,
        "case": begun.case,
        "trace_id": begun.trace_id,
        "opens_problems": True,
        "state": RECEIVING,
        "rows": 0,
        "received_at": now,
        "kept_until": now + _FILLED_WITHIN,
    }
