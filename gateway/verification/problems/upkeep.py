"""The chores of this room: overdue records go up a line, numbers not on file are asked again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import enqueue
from gateway.verification.problems.findings import GATHER
from gateway.verification.problems.holdings import Held, Holdings
from gateway.verification.problems.record import load
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.steps import Steps
from gateway.verification.problems.tables import problem_findings, problem_records
from gateway.verification.query import VERIFY, Request, Requesting, work_kind
from gateway.verification.tables import verifications

AT_ONCE = 500

_found, _asked = problem_findings.c, verifications.c
_WAITING = (Outcome.NOT_ON_FILE.value, Outcome.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Watches the clocks of problem records."""

    database: Database
    steps: Steps

    async def check(self) -> None:
        """Escalate every record whose working days have passed."""
        while await self._escalate():
            pass

    async def _escalate(self) -> int:
        late = problem_records.c.due_on < self.steps.today().isoformat()
        query = select(problem_records.c.problem_id).where(late).limit(AT_ONCE)
        async with self.database.transaction() as connection:
            ids = (await connection.execute(query)).scalars().all()
            overdue = await load(connection, ids, lock=True)
            return len(await self.steps.escalate(connection, overdue))


@dataclass(frozen=True, slots=True)
class Rechecking:
    """Asks again, slowly, about numbers that were not on file: a new household entry takes time."""

    database: Database
    clock: Clock
    holdings: Holdings
    requesting: Requesting
    every: timedelta

    async def check(self) -> None:
        """Have every number asked again that stands as not on file for long enough."""
        while await self._recheck():
            pass
        last: str | None = ""
        while last is not None:
            last = await self._ask(last)

    async def _recheck(self) -> int:
        """Ask anew where the record was asked about by itself; how many there were."""
        now = self.clock.now()
        query = (
            select(_asked.subject_id, _asked.area)
            .join(problem_findings, _found.subject_id == _asked.subject_id)
            .where(_not_on_file(), _asked.outcome == Outcome.NOT_ON_FILE.value)
            .where(_asked.answered_at <= now - self.every)
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            due = {row.subject_id: row.area for row in await connection.execute(query)}
            await self._doubt(connection, due, now)
        return len(due)

    async def _ask(self, after: str) -> str | None:
        """Ask for the first time where a batch alone had told of it; the record to go on after."""
        now = self.clock.now()
        pending = _asked.outcome.is_(None) | _asked.outcome.in_(_WAITING)
        lately = _asked.answered_at > now - self.every
        waits = exists().where(_asked.subject_id == _found.subject_id, pending | lately)
        query = (
            select(problem_findings)
            .where(_not_on_file(), _found.found_at <= now - self.every, ~waits)
            .where(_found.subject_id > after)
            .order_by(_found.subject_id)
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            rows = (await connection.execute(query)).all()
            held = await self.holdings.open(connection, [row.subject_id for row in rows])
            asked = [_request(row, held[row.subject_id]) for row in rows if row.subject_id in held]
            await self.requesting.request(connection, asked, now)
            await self._doubt(connection, {one.subject_id: one.area for one in asked}, now)
        return rows[-1].subject_id if len(rows) == AT_ONCE else None

    async def _doubt(
        self, connection: AsyncConnection, areas: Mapping[str, str], now: datetime
    ) -> None:
        """What was found stays; only the answer is no longer one to rely on."""
        claimed = _asked.subject_id.in_(sorted(areas)) & _asked.sealed_claim.is_not(None)
        again = update(verifications).where(claimed)
        await connection.execute(again.values(outcome=Outcome.UNKNOWN.value))
        for subject_id, area in areas.items():
            kind = work_kind(VERIFY, self.requesting.system_of(area))
            await enqueue(connection, kind, [subject_id], now)


def _not_on_file() -> ColumnElement[bool]:
    named = _found.problem_class == ProblemClass.DOCUMENT_NOT_ON_FILE.value
    return and_(named, _found.cleared_at.is_(None))


def _request(row: Row[Any], held: Held) -> Request:
    return Request(
        subject_id=row.subject_id,
        key_id=row.key_id,
        key=held.key,
        school=row.school,
        area=row.area,
        trace_id=row.problem_id or row.subject_id,
        identity=held.identity,
        wake=GATHER,
    )
