"""A school's handovers of one year, to tell which row is a child known already."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.intake.states import Hold, State
from gateway.intake.tables import handovers
from gateway.people.indexes import Indexes

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


async def load_roll(connection: AsyncConnection, school: str, school_year: str) -> Roll:
    """The roll of a school and year, without those who left the list."""
    query = (
        select(
            handovers.c.handover_id,
            handovers.c.document_index,
            handovers.c.number_index,
            handovers.c.person_index,
            handovers.c.hold,
        )
        .where(handovers.c.school == school, handovers.c.school_year == school_year)
        .where(handovers.c.state.not_in(_LEFT_THE_LIST))
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
