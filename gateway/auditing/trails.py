"""A child's trail: under which blind references the evidence knows it, from one of its numbers."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Document
from gateway.among import among
from gateway.evidence.searching.searching import Trail, widened
from gateway.intake.tables import candidates, handovers, intake_rows
from gateway.people.indexes import index_document
from gateway.people.numbers import NUMBER
from gateway.people.tables import person_numbers
from gateway.sealing import Sealer

_Set = frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """A child by its student number, or any it ever had, or by its identity document."""

    number: str = field(default="", repr=False)
    document: Document | None = field(default=None, repr=False)

    def index(self, sealer: Sealer) -> str:
        """The blind index of what names it."""
        return index_document(self.document, sealer) or sealer.index(NUMBER, self.number)


async def trail_of(connection: AsyncConnection, sealer: Sealer, named: Named) -> Trail:
    """Every reference and id under which entries may be about this child."""
    return await trail_from(connection, sealer, frozenset({named.index(sealer)}))


async def trail_from(connection: AsyncConnection, sealer: Sealer, indexes: frozenset[str]) -> Trail:
    """The same from blind indexes of its numbers and documents."""
    persons, numbers = await _persons(connection, indexes)
    known = await _handovers(connection, numbers)
    # A handover found by number may name the document, and that another person's numbers.
    further, more = await _persons(connection, known.indexes)
    persons, known = persons | further, await _handovers(connection, known.indexes | more)
    internal = persons | known.handovers
    refs = known.indexes | {sealer.index("child", each) for each in internal}
    lists = await _lists(connection, known.handovers)
    return await widened(connection, Trail(refs, internal | lists))


@dataclass(frozen=True, slots=True)
class _Known:
    indexes: _Set
    handovers: _Set


async def _persons(connection: AsyncConnection, indexes: _Set) -> tuple[_Set, _Set]:
    """The persons who ever had one of these numbers, and the indexes of all their numbers."""
    numbers = person_numbers.c
    mine = select(numbers.person_id).where(among(numbers.number_index, indexes))
    query = select(numbers.person_id, numbers.number_index).where(numbers.person_id.in_(mine))
    rows = (await connection.execute(query)).all()
    return (
        frozenset(row.person_id for row in rows),
        indexes | frozenset(row.number_index for row in rows),
    )


async def _handovers(connection: AsyncConnection, indexes: _Set) -> _Known:
    """The handovers under one of these numbers or documents, and the indexes that they add."""
    own, found = handovers.c, candidates.c
    matched = (own.matched_record == found.record_id) & (own.handover_id == found.handover_id)
    by_candidate = select(found.handover_id).join(handovers, matched)
    by_candidate = by_candidate.where(_under(indexes, found.number_index, found.document_index))
    query = select(own.handover_id, own.document_index, own.number_index).where(
        or_(
            _under(indexes, own.number_index, own.document_index),
            own.handover_id.in_(by_candidate),
        )
    )
    rows = (await connection.execute(query)).all()
    added = {index for row in rows for index in (row.document_index, row.number_index) if index}
    return _Known(indexes | added, frozenset(row.handover_id for row in rows))


def _under(indexes: _Set, *columns: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(among(column, indexes) for column in columns))


async def _lists(connection: AsyncConnection, handover_ids: _Set) -> _Set:
    rows = intake_rows.c
    query = select(rows.intake_id).where(among(rows.handover_id, handover_ids)).distinct()
    return frozenset((await connection.execute(query)).scalars())
