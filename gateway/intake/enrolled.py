"""What is known of children's enrolment: carried handovers, and what the registers told since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Institution
from gateway.intake.areas import area_of
from gateway.intake.places import load_places
from gateway.intake.rules.states import State
from gateway.intake.tables import handovers
from gateway.people.tables import person_numbers
from gateway.verification.enrolment_queries.children import Child
from gateway.verification.enrolment_queries.known import month_of
from gateway.verification.enrolment_queries.rules import Enrolment, Standing
from gateway.verification.enrolment_queries.tables import known_enrolments

# A primary record exists in these states, whatever the county still has to approve.
_ENROLLED = (State.CARRIED, State.REGISTERED, State.RETURNED, State.CREATED)

Rows = Sequence[Row[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the store knows, for many children at once, in the same five questions."""

    async def find(
        self, connection: AsyncConnection, children: Sequence[Child]
    ) -> Mapping[Child, Sequence[Enrolment]]:
        """The records known of each of these children."""
        documents = sorted({child.document for child in children})
        carried = await _carried(connection, documents)
        told = await _told(connection, known_enrolments.c.document_index, documents)
        numbers = {row.number_index for row in (*carried, *told) if row.number_index}
        aliases = await _aliases(connection, sorted(numbers))
        every = sorted({number for several in aliases.values() for number in several})
        by_number = await _told(connection, known_enrolments.c.number_index, every)
        places = await load_places(
            connection, {row.school for row in (*carried, *told, *by_number)}
        )
        found: dict[Child, list[Enrolment]] = {}
        for child in dict.fromkeys(children):
            mine = [row for row in carried if _is(row, child)]
            known = [row for row in told if _is(row, child)]
            names = {n for row in (*mine, *known) for n in aliases.get(row.number_index, ())}
            known += [
                row
                for row in by_number
                if row.number_index in names and row.person_index == child.person
            ]
            found[child] = _enrolments(mine, known, places)
        return found


async def _carried(connection: AsyncConnection, documents: Sequence[str]) -> Rows:
    columns = handovers.c
    query: Select[*tuple[Any, ...]] = select(
        columns.document_index,
        columns.person_index,
        columns.number_index,
        columns.school,
        columns.area,
        columns.reported_on,
        columns.since_at,
    ).where(
        columns.document_index.in_(documents),
        columns.state.in_([state.value for state in _ENROLLED]),
    )
    return (await connection.execute(query)).all()


async def _told(connection: AsyncConnection, column: Any, indexes: Sequence[str]) -> Rows:
    query = select(known_enrolments).where(column.in_(indexes))
    return (await connection.execute(query)).all()


async def _aliases(
    connection: AsyncConnection, numbers: Sequence[str]
) -> Mapping[str, frozenset[str]]:
    """Every number each child has had, by each of those found for it, by their indexes."""
    one, other = person_numbers.alias(), person_numbers.alias()
    query = (
        select(one.c.number_index, other.c.number_index)
        .join(other, other.c.person_id == one.c.person_id)
        .where(one.c.number_index.in_(numbers))
    )
    aliases = {number: {number} for number in numbers}
    for number, alias in await connection.execute(query):
        aliases[number].add(alias)
    return {number: frozenset(several) for number, several in aliases.items()}


def _is(row: Row[tuple[Any, ...]], child: Child) -> bool:
    return (row.document_index, row.person_index) == (child.document, child.person)


def _enrolments(
    carried: Iterable[Row[tuple[Any, ...]]],
    told: Sequence[Row[tuple[Any, ...]]],
    places: Mapping[str, Institution],
) -> list[Enrolment]:
    found = [
        _enrolment(row, Standing(row.standing), row.since, places)
        for row in {(row.system, row.record_id): row for row in told}.values()
    ]
    for row in carried:
        # What the register said of this school later than the child's coming counts instead.
        if not any(one.school == row.school and one.changed_at >= _came_at(row) for one in told):
            since = month_of(row.reported_on)
            found.append(_enrolment(row, Standing.STANDS, since, places))
    return found


def _enrolment(
    row: Row[tuple[Any, ...]],
    standing: Standing,
    since: str | None,
    places: Mapping[str, Institution],
) -> Enrolment:
    place = places.get(row.school)
    name = place.name if place is not None else ""
    return Enrolment(row.school, name, area_of(row.school, place), standing, since)


def _came_at(row: Row[tuple[Any, ...]]) -> datetime:
    if row.reported_on is None:
        since: datetime = row.since_at
        return since
    return datetime.fromisoformat(row.reported_on).replace(tzinfo=UTC)
