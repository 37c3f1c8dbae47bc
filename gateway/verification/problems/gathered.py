"""The findings a problem record has gathered: read, settled with a decision, told apart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.leases import enqueue
from gateway.verification.problems.findings import GATHER, clear_findings
from gateway.verification.problems.rules.classes import DUPLICATES, ProblemClass
from gateway.verification.problems.tables import known_different, problem_findings

_columns = problem_findings.c


@dataclass(frozen=True, slots=True)
class Gathered:
    """One finding of a problem record; `standing` until it is cleared."""

    problem_id: str
    subject_id: str
    problem_class: ProblemClass
    counterpart: str
    counterpart_area: str
    claim: str
    found_at: datetime
    standing: bool

    @property
    def duplicate(self) -> bool:
        """Whether a second record is part of it."""
        return self.problem_class in DUPLICATES

    @property
    def mirrored(self) -> "Gathered":
        """The same duplicate as the other record has it."""
        return replace(self, subject_id=self.counterpart, counterpart=self.subject_id)


async def load_gathered(
    connection: AsyncConnection, problem_ids: Collection[str]
) -> dict[str, list[Gathered]]:
    """The findings of each of these records, cleared ones too."""
    named = _columns.problem_id.in_(sorted(problem_ids))
    order = (_columns.problem_class, _columns.counterpart)
    found: dict[str, list[Gathered]] = {problem_id: [] for problem_id in problem_ids}
    for row in await connection.execute(select(problem_findings).where(named).order_by(*order)):
        found[row.problem_id].append(
            Gathered(
                problem_id=row.problem_id,
                subject_id=row.subject_id,
                problem_class=ProblemClass(row.problem_class),
                counterpart=row.counterpart,
                counterpart_area=row.counterpart_area,
                claim=row.claim,
                found_at=row.found_at,
                standing=row.cleared_at is None,
            )
        )
    return found


async def settle(
    connection: AsyncConnection,
    found: Sequence[Gathered],
    settled: Sequence[Gathered],
    now: datetime,
    quiet_until: datetime | None,
) -> None:
    """End those that were decided; the others begin a record of their own."""
    ended = [(one.subject_id, one.problem_class.value, one.counterpart) for one in settled]
    await clear_findings(connection, ended, now, quiet_until)
    left = {one.problem_id: one.subject_id for one in found if one not in settled and one.standing}
    if left:
        standing = (_columns.problem_id.in_(sorted(left)), _columns.cleared_at.is_(None))
        await connection.execute(update(problem_findings).where(*standing).values(problem_id=None))
        await enqueue(connection, GATHER, sorted(left.values()), now)


async def tell_apart(
    connection: AsyncConnection, found: Sequence[Gathered], decider: str, now: datetime
) -> None:
    """Remember each pair as two persons for good, and end what the other side was found for."""
    pairs = {(min(p), max(p)) for p in ((one.subject_id, one.counterpart) for one in found)}
    rows = [
        {"lower_id": lower, "higher_id": higher, "decided_at": now, "decider": decider}
        for lower, higher in sorted(pairs)
    ]
    if rows:
        statement = insert_into(connection, known_different).on_conflict_do_nothing()
        await connection.execute(statement, rows)
    theirs = [(one.counterpart, one.problem_class.value, one.subject_id) for one in found]
    await clear_findings(connection, theirs, now)
