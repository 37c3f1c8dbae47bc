"""What differs between children and records (人籍不一致): noted, and made findings of its class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.people.indexes import index_identity
from gateway.sealing import Sealer
from gateway.verification.periodic.roster import Child, Roster
from gateway.verification.periodic.rules import Difference, Presence, difference_of
from gateway.verification.periodic.subjects import Origin, Subjects, Told
from gateway.verification.periodic.tables import periodic_differences, round_subjects
from gateway.verification.problems.findings import Finding, clear_findings, raise_findings
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.rules.classes import ProblemClass

MISMATCH = ProblemClass.ROSTER_MISMATCH
_Rows = Sequence[Row[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Noting:
    """What it takes to note differences; who has no record is kept among the `subjects`."""

    sealer: Sealer = field(repr=False)
    holdings: Holdings
    subjects: Subjects

    async def note_roster(
        self, connection: AsyncConnection, roster: Roster, children: Sequence[Child], now: datetime
    ) -> int:
        """Note what differs on a signed roster; how many children do.

        A child that is there as its record says ends what was found of the record before, and
        one that has a record by now, or has gone, what was found of there being none.
        """
        seen = [
            (child, difference_of(child.presence, child.difference))
            for child in children
            if child.presence is not None
        ]
        named = {child.place: self._unrecorded(roster, child) for child, _ in seen}
        differing = [(child, kind) for child, kind in seen if kind is not None]
        await _keep(
            connection,
            [
                _on_roster(roster, child, kind, child.subject_id or named[child.place])
                for child, kind in differing
            ],
        )
        await self._note_recorded(connection, seen, now)
        without = [child for child, kind in differing if kind is Difference.NO_RECORD]
        await self._note_unrecorded(connection, roster, without, named, now)
        return len(differing)

    async def note_missing(
        self, connection: AsyncConnection, round_id: str, records: _Rows, now: datetime
    ) -> None:
        """Note records that stand on no signed roster of a school that has signed all its own."""
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

    async def _note_recorded(
        self,
        connection: AsyncConnection,
        seen: Sequence[tuple[Child, Difference | None]],
        now: datetime,
    ) -> None:
        kinds = {child.subject_id: kind for child, kind in seen if child.subject_id and kind}
        held = self.holdings.rows().subquery()
        query = select(held).where(held.c.subject_id.in_(sorted(kinds)))
        records = (await connection.execute(query)).all()
        raised = [_finding(record, kinds[record.subject_id]) for record in records]
        await raise_findings(connection, raised, now)
        as_recorded = [
            (child.subject_id, MISMATCH.value, "")
            for child, kind in seen
            if kind is None and child.subject_id and child.presence is Presence.PRESENT
        ]
        await clear_findings(connection, as_recorded, now)

    async def _note_unrecorded(
        self,
        connection: AsyncConnection,
        roster: Roster,
        without: Sequence[Child],
        named: Mapping[int, str],
        now: datetime,
    ) -> None:
        here = (roster.round_id, roster.school, roster.area)
        told = [
            Told(
                named[one.place], Origin.ROSTER, *here, roster.class_name, one.particulars.identity
            )
            for one in without
        ]
        keys = await self.subjects.keep(connection, told, now)
        raised = [
            Finding(subject_id, key_id, *here[1:], MISMATCH, claim=Difference.NO_RECORD.value)
            for subject_id, key_id in keys.items()
        ]
        await raise_findings(connection, raised, now)
        columns = round_subjects.c
        others = sorted(set(named.values()) - set(keys))
        query = select(columns.subject_id).where(columns.subject_id.in_(others))
        over = (await connection.execute(query)).scalars().all()
        await clear_findings(connection, [(one, MISMATCH.value, "") for one in over], now)

    def _unrecorded(self, roster: Roster, child: Child) -> str:
        """The id under which a child of this school is known while it has no record."""
        indexes = index_identity(child.particulars.identity, self.sealer)
        who = indexes.document or indexes.person
        return self.sealer.index("child without a record", f"{roster.school}|{who}")


async def _keep(connection: AsyncConnection, differences: Sequence[dict[str, object]]) -> None:
    if differences:
        once = insert_into(connection, periodic_differences).on_conflict_do_nothing()
        await connection.execute(once, differences)


def _on_roster(
    roster: Roster, child: Child, kind: Difference, subject_id: str
) -> dict[str, object]:
    return {
        "round_id": roster.round_id,
        "difference_id": f"{roster.roster_id}/{child.place:05}",
        "school": roster.school,
        "area": roster.area,
        "kind": kind.value,
        "subject_id": subject_id,
        "roster_id": roster.roster_id,
        "place": child.place,
    }


def _finding(record: Row[tuple[Any, ...]], kind: Difference) -> Finding:
    # What was decided of one kind of difference does not silence another.
    held = (record.subject_id, record.key_id, record.school, record.area)
    return Finding(*held, MISMATCH, claim=kind.value)
