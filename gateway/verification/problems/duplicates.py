"""The worker's search for duplicates: around those whose children just changed, nightly for all."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import enqueue, finish, lease
from gateway.verification.problems.findings import (
    GATHER,
    SEEK,
    Finding,
    clear_findings,
    raise_findings,
)
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.pairs import INDEXES, Which, findings_of, pairs, shared_values
from gateway.verification.problems.rules.classes import DUPLICATES
from gateway.verification.problems.tables import problem_findings

LEASE_SECONDS = 120.0
SCHOOLS_AT_ONCE = 20
SHARED_AT_ONCE = 500

_columns = problem_findings.c
# A finding by what names it: subject, class, counterpart.
_Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Notes duplicates on both records, and ends what no longer is one."""

    database: Database
    clock: Clock
    holdings: Holdings

    async def step(self) -> int:
        """Hold the children of a few schools against everybody's; how many schools there were."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            leases = await lease(connection, SEEK, SCHOOLS_AT_ONCE, now, LEASE_SECONDS)
            schools = [one.subject_id for one in leases]
            if schools:
                found = await self._seek(connection, lambda mine: mine.c.school.in_(schools))
                stale = await _stale(connection, schools, found)
                # All work before any finding, as whoever gathers them: nobody locks crosswise.
                touched = {subject_id for subject_id, _, _ in (*found, *stale)}
                await enqueue(connection, GATHER, touched, now)
                await raise_findings(connection, list(found.values()), now)
                await clear_findings(connection, stale, now)
            await finish(connection, leases)
        return len(leases)

    async def check(self) -> None:
        """Hold all records against each other, and look at every school with a duplicate again."""
        for index in INDEXES:
            after: str | None = ""
            while after is not None:
                after = await self._check(index, after)
        async with self.database.transaction() as connection:
            schools = select(_columns.school).where(_standing()).distinct()
            again = (await connection.execute(schools)).scalars().all()
            await enqueue(connection, SEEK, again, self.clock.now())

    async def _check(self, index: str, after: str) -> str | None:
        """The value to go on after; None at the end."""
        query = shared_values(self.holdings.rows(), index, after, SHARED_AT_ONCE)
        async with self.database.transaction() as connection:
            shared = (await connection.execute(query)).scalars().all()
            if not shared:
                return None
            found = await self._seek(connection, lambda mine: mine.c[index].in_(shared))
            await raise_findings(connection, list(found.values()), self.clock.now())
            return str(shared[-1])

    async def _seek(self, connection: AsyncConnection, which: Which) -> dict[_Name, Finding]:
        query = pairs(self.holdings.rows(), which)
        return {
            _name(finding): finding
            for pair in (await connection.execute(query)).all()
            for finding in findings_of(pair)
        }


async def _stale(
    connection: AsyncConnection, schools: list[str], found: dict[_Name, Finding]
) -> list[_Name]:
    """What these schools' records were found to share and share no longer."""
    query = select(_columns.subject_id, _columns.problem_class, _columns.counterpart)
    rows = await connection.execute(query.where(_columns.school.in_(schools), _standing()))
    stale = [(one, kind, other) for one, kind, other in rows if (one, kind, other) not in found]
    return stale + [(other, kind, one) for one, kind, other in stale]


def _standing() -> ColumnElement[bool]:
    return and_(_columns.cleared_at.is_(None), _columns.problem_class.in_(sorted(DUPLICATES)))


def _name(finding: Finding) -> _Name:
    return finding.subject_id, finding.problem_class.value, finding.counterpart
