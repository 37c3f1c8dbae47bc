"""Findings: what is wrong with a record, noted with what revealed it; the worker gathers them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy import and_, case, not_, null, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import OPENS_A_PROBLEM, Outcome
from gateway.database import insert_into
from gateway.leases import enqueue
from gateway.verification.problems.rules.classes import (
    CLASS_OF,
    ENDED_BY_A_MATCH,
    OUTCOME_OF,
    ProblemClass,
)
from gateway.verification.problems.superseded import put_aside
from gateway.verification.problems.tables import problem_findings

GATHER = "gather_problems"  # bring one subject's problem record in line with its findings
SEEK = "seek_duplicates"  # hold one school's children against everybody's
COMPARE = "compare_change"  # what the verification of a proposed change wakes
# The children of one list are answered for within moments of each other: one search serves many.
_SEEK_AFTER = timedelta(seconds=30)

_columns = problem_findings.c


@dataclass(frozen=True, slots=True)
class Judged:
    """What the register said of one child; `claim` is the blind index of what it was asked."""

    subject_id: str
    key_id: str
    school: str
    area: str
    outcome: Outcome
    claim: str = ""
    wake: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one record; a duplicate names the other record and its area."""

    subject_id: str
    key_id: str
    school: str
    area: str
    problem_class: ProblemClass
    claim: str = ""
    counterpart: str = ""
    counterpart_area: str = ""


async def note_verdicts(
    connection: AsyncConnection, judged: Sequence[Judged], now: datetime
) -> None:
    """Note what these answers reveal; a MATCH ends what the same claim had revealed.

    A claim that could not even be asked is over once any claim of the child matches. The answer to
    a proposed change is no finding: nothing of it stands in the record yet.
    """
    told = [one for one in judged if one.wake != COMPARE]
    if not told:
        return
    # Schools before children, as whoever seeks duplicates: nobody locks crosswise.
    await enqueue(connection, SEEK, {one.school for one in told}, now + _SEEK_AFTER)
    await raise_findings(
        connection, [_revealed(one) for one in told if one.outcome in OPENS_A_PROBLEM], now
    )
    matched = {one.subject_id: one.claim for one in told if one.outcome is Outcome.MATCH}
    await _end(connection, matched, now)


async def raise_findings(
    connection: AsyncConnection, findings: Sequence[Finding], now: datetime
) -> None:
    """Note findings; one that stands already stays, one that was decided stays quiet for a while.

    What was decided of one claim does not silence another; a claim that an accepted change put
    aside is silent whatever is said of it.
    """
    told = [(one.subject_id, one.claim) for one in findings]
    aside = await put_aside(connection, told, now)
    findings = [one for one in findings if (one.subject_id, one.claim) not in aside]
    if not findings:
        return
    statement = insert_into(connection, problem_findings)
    new = statement.excluded
    decided = and_(_columns.quiet_until > now, _columns.claim == new.claim)
    ended = _columns.cleared_at.is_not(None)
    upsert = statement.on_conflict_do_update(
        index_elements=["subject_id", "problem_class", "counterpart"],
        set_={
            "claim": new.claim,
            "found_at": case((ended, new.found_at), else_=_columns.found_at),
            "problem_id": case((ended, null()), else_=_columns.problem_id),
            "cleared_at": null(),
            "quiet_until": null(),
        },
        where=not_(case((decided, True), else_=False)),
    )
    ordered = sorted(findings, key=attrgetter("subject_id", "problem_class", "counterpart"))
    # Work before findings, as whoever gathers them: nobody locks crosswise.
    await enqueue(connection, GATHER, {one.subject_id for one in findings}, now)
    await connection.execute(upsert, [_row(finding, now) for finding in ordered])


async def clear_findings(
    connection: AsyncConnection,
    ended: Collection[tuple[str, str, str]],
    now: datetime,
    quiet_until: datetime | None = None,
) -> None:
    """End findings by (subject, class, counterpart); decided ones stay quiet until then."""
    if not ended:
        return
    named = tuple_(_columns.subject_id, _columns.problem_class, _columns.counterpart)
    await enqueue(connection, GATHER, {subject_id for subject_id, _, _ in ended}, now)
    await connection.execute(
        update(problem_findings)
        .where(named.in_(sorted(ended)), _columns.cleared_at.is_(None))
        .values(cleared_at=now, quiet_until=quiet_until)
    )


async def problems(
    connection: AsyncConnection, subject_ids: Sequence[str]
) -> Mapping[str, tuple[Outcome, ...]]:
    """The outcomes that stand against each child that has one, sorted."""
    query = (
        select(_columns.subject_id, _columns.problem_class)
        .where(_columns.subject_id.in_(list(subject_ids)))
        .where(_columns.cleared_at.is_(None), _columns.problem_class.in_(sorted(OUTCOME_OF)))
    )
    found: dict[str, set[Outcome]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.subject_id, set()).add(OUTCOME_OF[ProblemClass(row.problem_class)])
    return {subject_id: tuple(sorted(outcomes)) for subject_id, outcomes in found.items()}


async def _end(connection: AsyncConnection, claims: Mapping[str, str], now: datetime) -> None:
    if not claims:
        return
    query = (
        select(_columns.subject_id, _columns.problem_class, _columns.counterpart, _columns.claim)
        .where(_columns.subject_id.in_(sorted(claims)))
        .where(_columns.cleared_at.is_(None), _columns.problem_class.in_(sorted(ENDED_BY_A_MATCH)))
    )
    rows = await connection.execute(query)
    ended = [
        (row.subject_id, row.problem_class, row.counterpart)
        for row in rows
        if row.problem_class == ProblemClass.DOCUMENT_INVALID or row.claim == claims[row.subject_id]
    ]
    await clear_findings(connection, ended, now)


def _revealed(judged: Judged) -> Finding:
    return Finding(
        subject_id=judged.subject_id,
        key_id=judged.key_id,
        school=judged.school,
        area=judged.area,
        problem_class=CLASS_OF[judged.outcome],
        claim=judged.claim,
    )


def _row(finding: Finding, now: datetime) -> dict[str, object]:
    return {
        "subject_id": finding.subject_id,
        "problem_class": finding.problem_class.value,
        "counterpart": finding.counterpart,
        "key_id": finding.key_id,
        "school": finding.school,
        "area": finding.area,
        "counterpart_area": finding.counterpart_area,
        "claim": finding.claim,
        "found_at": now,
    }
