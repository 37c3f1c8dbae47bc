"""What differs between children and records (人籍不一致): noted, and made findings of its class."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.verification.periodic.roster import Child, Roster
from gateway.verification.periodic.rules import Difference, Presence, difference_of
from gateway.verification.periodic.tables import periodic_differences
from gateway.verification.problems.findings import Finding, clear_findings, raise_findings
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.rules.classes import ProblemClass

MISMATCH = ProblemClass.ROSTER_MISMATCH
_Rows = Sequence[Row[tuple[Any, ...]]]


async def note_roster(
    connection: AsyncConnection,
    holdings: Holdings,
    roster: Roster,
    children: Sequence[Child],
    now: datetime,
) -> int:
    """Note what differs on a signed roster; how many children do.

    A child that is there as its record says ends what was found of the record before. A child
    without a record has none that a problem record could be about: the report alone names it.
    """
    kinds = [
        (child, difference_of(child.presence, child.difference))
        for child in children
        if child.presence is not None
    ]
    differing = [(child, kind) for child, kind in kinds if kind is not None]
    await _keep(connection, [_on_roster(roster, child, kind) for child, kind in differing])
    records = await _records(connection, holdings, [child for child, _ in kinds])
    raised = [
        _finding(record, kind)
        for child, kind in differing
        for record in records
        if record.subject_id == child.subject_id
    ]
    await raise_findings(connection, raised, now)
    as_recorded = [
        (child.subject_id, MISMATCH.value, "")
        for child, kind in kinds
        if kind is None and child.subject_id and child.presence is Presence.PRESENT
    ]
    await clear_findings(connection, as_recorded, now)
    return len(differing)


async def note_missing(
    connection: AsyncConnection, round_id: str, records: _Rows, now: datetime
) -> None:
    """Note records that stand on no signed roster of a school that has signed all of its own."""
    missing = [
        {
            "round_id": round_id,
            "difference_id": row.subject_id,
            "school": row.school,
            "area": row.area,
            "kind": Difference.NOT_ON_ROSTER.value,
            "subject_id": row.subject_id,
            "roster_id": None,
            "place": None,
        }
        for row in records
    ]
    await _keep(connection, missing)
    findings = [_finding(row, Difference.NOT_ON_ROSTER) for row in records]
    await raise_findings(connection, findings, now)


async def _keep(connection: AsyncConnection, differences: Sequence[dict[str, object]]) -> None:
    if differences:
        once = insert_into(connection, periodic_differences).on_conflict_do_nothing()
        await connection.execute(once, differences)


async def _records(
    connection: AsyncConnection, holdings: Holdings, children: Sequence[Child]
) -> _Rows:
    ids = [child.subject_id for child in children if child.subject_id]
    held = holdings.rows().subquery()
    return (await connection.execute(select(held).where(held.c.subject_id.in_(ids)))).all()


def _on_roster(roster: Roster, child: Child, kind: Difference) -> dict[str, object]:
    return {
        "round_id": roster.round_id,
        "difference_id": f"{roster.roster_id}/{child.place:05}",
        "school": roster.school,
        "area": roster.area,
        "kind": kind.value,
        "subject_id": child.subject_id,
        "roster_id": roster.roster_id,
        "place": child.place,
    }


def _finding(record: Row[tuple[Any, ...]], kind: Difference) -> Finding:
    # What was decided of one kind of difference does not silence another.
    held = (record.subject_id, record.key_id, record.school, record.area)
    return Finding(*held, MISMATCH, claim=kind.value)
