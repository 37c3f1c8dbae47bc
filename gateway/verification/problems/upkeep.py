"""The chores of this room: overdue records go up a line, numbers not on file are asked again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from contracts.outcomes import Outcome
from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import enqueue
from gateway.verification.problems.record import load
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.steps import Steps
from gateway.verification.problems.tables import problem_findings, problem_records
from gateway.verification.query import VERIFY, work_kind
from gateway.verification.tables import verifications

AT_ONCE = 500


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
    system_of: Callable[[str], str]
    every: timedelta

    async def check(self) -> None:
        """Have every number asked again that stands as not on file for long enough."""
        while await self._recheck():
            pass

    async def _recheck(self) -> int:
        now = self.clock.now()
        found, asked = problem_findings.c, verifications.c
        query = (
            select(asked.subject_id, asked.area)
            .join(problem_findings, found.subject_id == asked.subject_id)
            .where(found.problem_class == ProblemClass.DOCUMENT_NOT_ON_FILE.value)
            .where(found.cleared_at.is_(None), asked.outcome == Outcome.NOT_ON_FILE.value)
            .where(asked.answered_at <= now - self.every)
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            due = (await connection.execute(query)).all()
            ids = [row.subject_id for row in due]
            # What was found stays; only the answer is no longer one to rely on.
            again = update(verifications).where(asked.subject_id.in_(ids))
            await connection.execute(again.values(outcome=Outcome.UNKNOWN.value))
            for row in due:
                kind = work_kind(VERIFY, self.system_of(row.area))
                await enqueue(connection, kind, [row.subject_id], now)
        return len(due)
