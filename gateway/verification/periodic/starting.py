"""A round begins: whom it reaches, what is compared, and which kindergartens are read of."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Stage
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Log
from gateway.identifiers import Identifiers
from gateway.leases import enqueue
from gateway.office_hours import OFFICE_TIME
from gateway.verification.periodic.round import (
    Round,
    draft,
    records_within,
    rounds_of_term,
    take_part,
)
from gateway.verification.periodic.rules import Refusal, Refused, overlap
from gateway.verification.periodic.sweeps import Sweeps
from gateway.verification.periodic.tables import periodic_rolls, periodic_rounds
from gateway.verification.problems.holdings import Holdings
from gateway.working_days import WorkingDays

ROLL = "periodic_roll"  # read the next page of the kindergartens' records


@dataclass(frozen=True, slots=True)
class Starting:
    """What it takes to start a round; `holdings` are the records of schools."""

    clock: Clock
    identifiers: Identifiers
    log: Log
    holdings: Holdings
    working_days: WorkingDays
    roster_days: int
    sweeps: Sweeps

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
        await connection.execute(periodic_rounds.insert().values(asdict(begun)))
        await take_part(connection, begun, schools)
        areas = sorted({row.area for row in schools})
        await self.sweeps.open(connection, begun, Stage.PRIMARY, areas, now)
        await _read_kindergartens(connection, begun, now)
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

    def _due(self, now: datetime) -> str:
        today = now.astimezone(OFFICE_TIME).date()
        return self.working_days.after(today, self.roster_days).isoformat()


async def _read_kindergartens(connection: AsyncConnection, begun: Round, now: datetime) -> None:
    roll = {"round_id": begun.round_id, "after": "", "records": 0}
    await connection.execute(periodic_rolls.insert().values(roll))
    await enqueue(connection, ROLL, [begun.round_id], now)
