"""The chores about children whom rounds keep: settled once a record is there, destroyed in time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, select

from gateway.clock import Clock
from gateway.database import Database
from gateway.sealing import destroy_key
from gateway.verification.periodic.differing import MISMATCH
from gateway.verification.periodic.subjects import Origin
from gateway.verification.periodic.tables import periodic_rounds, round_subjects
from gateway.verification.problems.findings import clear_findings
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.tables import problem_findings, problem_records

AT_ONCE = 500

_subjects, _found = round_subjects.c, problem_findings.c


@dataclass(frozen=True, slots=True)
class Settling:
    """Ends what was found of children without a record, once their school holds one."""

    database: Database
    clock: Clock
    holdings: Holdings

    async def run(self) -> None:
        """Look at every child that is still without."""
        held = self.holdings.rows().subquery()
        standing = (_found.subject_id == _subjects.subject_id) & _found.cleared_at.is_(None)
        by_now = exists().where(
            held.c.school == _subjects.school, held.c.document_index == _subjects.document_index
        )
        query = (
            select(_subjects.subject_id)
            .join(problem_findings, standing)
            .where(_subjects.origin == Origin.ROSTER.value, by_now)
        )
        async with self.database.transaction() as connection:
            ids = (await connection.execute(query)).scalars().all()
            over = [(one, MISMATCH.value, "") for one in ids]
            await clear_findings(connection, over, self.clock.now())


@dataclass(frozen=True, slots=True)
class DestroyingSubjects:
    """Destroys the children of rounds that closed long enough ago, and of no open problem."""

    database: Database
    clock: Clock
    kept_days: int

    async def run(self) -> None:
        """Destroy a few hundred; the rest has its turn next time."""
        now = self.clock.now()
        before = now - timedelta(days=self.kept_days)
        rounds = periodic_rounds.c
        found = exists().where(
            _found.subject_id == _subjects.subject_id, _found.cleared_at.is_(None)
        )
        under_way = exists().where(
            problem_records.c.subject_id == _subjects.subject_id,
            problem_records.c.closed_at.is_(None),
        )
        query = (
            select(_subjects.subject_id, _subjects.key_id)
            .join(periodic_rounds, rounds.round_id == _subjects.round_id)
            .where(rounds.closed_at <= before, ~found, ~under_way)
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            rows = (await connection.execute(query)).all()
            for row in rows:
                await destroy_key(connection, row.key_id, now)
            named = _subjects.subject_id.in_([row.subject_id for row in rows])
            await connection.execute(delete(round_subjects).where(named))
