"""A school's handovers of one year, to tell which row is a child known already."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.intake.rules.states import Hold, State
from gateway.intake.tables import handovers, rolls
from gateway.people.indexes import Indexes
from gateway.sealing import unerased

_LEFT_THE_LIST = (State.WITHDRAWN.value, State.REVERSED.value)


@dataclass(slots=True)
class Roll:
    """Finds the handover of a row: same document, else same number.

    Rows with neither are one child only where one such row of an *earlier* file has their name,
    sex and birth date; within one file they stay apart. A row that was refused as faulty, and so
    was never looked up, is found again by those three when its document was put right.
    """

    by_document: dict[str, str]
    by_number: dict[str, str]
    by_person: dict[str, str]
    faulty: dict[str, str]
    anonymous: dict[str, list[str]] = field(default_factory=dict)

    def find(self, indexes: Indexes) -> str | None:
        """The id of the handover this row belongs to, or None for a child not yet listed."""
        found = self.by_document.get(indexes.document or "") or (
            self.by_number.get(indexes.number or "")
        )
        if found is None and not indexes.identifying:
            # Popped: a second row of this file with the same three must not join it.
            found = self.by_person.pop(indexes.person, None)
        return found or self.faulty.pop(indexes.person, None)

    def enrol(self, indexes: Indexes, handover_id: str) -> None:
        """Remember a row of the file being read."""
        if indexes.document:
            self.by_document.setdefault(indexes.document, handover_id)
        if indexes.number:
            self.by_number.setdefault(indexes.number, handover_id)
        if not indexes.identifying:
            self.anonymous.setdefault(indexes.person, []).append(handover_id)

    def undistinguished(self) -> list[str]:
        """Rows of this file that nothing tells apart: no document, no number, all else equal."""
        alike = [handovers for handovers in self.anonymous.values() if len(handovers) > 1]
        return [handover_id for handovers in alike for handover_id in handovers]


async def lock_roll(connection: AsyncConnection, school: str, school_year: str) -> None:
    """Let one list of a school be taken in at a time: two at once might list a child twice."""
    statement = insert_into(connection, rolls).values(school=school, school_year=school_year)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["school", "school_year"], set_={"school": school}
        )
    )


async def load_roll(connection: AsyncConnection, school: str, school_year: str) -> Roll:
    """The roll of a school and year, without those who left the list or were erased."""
    query = (
        select(
            handovers.c.handover_id,
            handovers.c.document_index,
            handovers.c.number_index,
            handovers.c.person_index,
            handovers.c.hold,
        )
        .where(handovers.c.school == school, handovers.c.school_year == school_year)
        .where(handovers.c.state.not_in(_LEFT_THE_LIST), unerased(handovers.c.key_id))
    )
    rows = (await connection.execute(query)).all()
    anonymous = [row for row in rows if not row.document_index and not row.number_index]
    return Roll(
        {row.document_index: row.handover_id for row in rows if row.document_index},
        {row.number_index: row.handover_id for row in rows if row.number_index},
        _alone((row.person_index, row.handover_id) for row in anonymous),
        _alone((r.person_index, r.handover_id) for r in rows if r.hold == Hold.DATA_ERROR),
    )


def _alone(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    listed = list(pairs)
    times = Counter(index for index, _ in listed)
    return {index: handover_id for index, handover_id in listed if times[index] == 1}
