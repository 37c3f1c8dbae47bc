"""Problem records opened for callers, the children's particulars as far as they may be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.sealing import DataKey
from gateway.verification.problems.doors.sight import Sight
from gateway.verification.problems.gathered import Gathered, load_gathered
from gateway.verification.problems.holdings import Held, Holdings
from gateway.verification.problems.proposal import Proposal, open_proposal
from gateway.verification.problems.record import Record
from gateway.verification.problems.tables import problem_findings, problem_steps


@dataclass(frozen=True, slots=True)
class Line:
    """One record with what was found; `name` where it may be seen."""

    record: Record
    found: Sequence[Gathered]
    name: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Past:
    """One step of the history; `remark` where it may be seen."""

    row: Row[tuple[object, ...]]
    remark: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The other side of a duplicate, where it may be told."""

    school: str
    problem_id: str | None


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything about one record that its reader may see."""

    line: Line
    held: Held | None = field(repr=False)
    number: str | None = field(repr=False)
    recorded: bool  # a child found in a class may have no record
    proposal: Proposal | None = field(repr=False)
    counterparts: Mapping[str, Counterpart]
    history: Sequence[Past]


async def read_lines(
    connection: AsyncConnection, holdings: Holdings, records: Sequence[Record], sight: Sight
) -> list[Line]:
    """The records with their findings and, where values may be seen, the children's names."""
    found = await load_gathered(connection, [record.problem_id for record in records])
    held = await _held(connection, holdings, records, sight)
    return [
        Line(record, found[record.problem_id], _name(held.get(record.subject_id)))
        for record in records
    ]


async def read_whole(
    connection: AsyncConnection, holdings: Holdings, record: Record, sight: Sight
) -> Whole:
    """One record in full, as far as it may be seen."""
    found = (await load_gathered(connection, [record.problem_id]))[record.problem_id]
    held = (await holdings.open(connection, [record.subject_id])).get(record.subject_id)
    # Which record is deleted by whom hangs on its number, which not everybody may see.
    number = held.number if held else None
    shown = held if sight.values else None
    sealed = record.sealed_proposal
    return Whole(
        line=Line(record, found, _name(shown)),
        held=shown,
        number=number,
        recorded=held.recorded if held else True,
        proposal=open_proposal(sealed, shown.key) if sealed and shown else None,
        counterparts=await _counterparts(connection, found, sight),
        history=await _history(connection, record, shown.key if shown else None),
    )


async def _held(
    connection: AsyncConnection, holdings: Holdings, records: Sequence[Record], sight: Sight
) -> Mapping[str, Held]:
    if not sight.values:
        return {}
    return await holdings.open(connection, [record.subject_id for record in records])


def _name(held: Held | None) -> str | None:
    return held.identity.name if held else None


async def _counterparts(
    connection: AsyncConnection, found: Sequence[Gathered], sight: Sight
) -> dict[str, Counterpart]:
    pairs = [(one.counterpart, one.subject_id) for one in found if one.duplicate]
    if not pairs:
        return {}
    columns = problem_findings.c
    mirrored = or_(
        *(and_(columns.subject_id == other, columns.counterpart == one) for other, one in pairs)
    )
    rows = await connection.execute(select(problem_findings).where(mirrored))
    return {
        row.subject_id: Counterpart(row.school, row.problem_id)
        for row in rows
        if sight.names_counterpart(row.school, row.area)
    }


async def _history(connection: AsyncConnection, record: Record, key: DataKey | None) -> list[Past]:
    steps = select(problem_steps).where(problem_steps.c.problem_id == record.problem_id)
    rows = await connection.execute(steps.order_by(problem_steps.c.place))
    return [Past(row, _remark(row.sealed_remark, key)) for row in rows]


def _remark(sealed: bytes | None, key: DataKey | None) -> str | None:
    return key.open(sealed, "remark").decode() if sealed and key else None


def days_since(at: datetime, now: datetime) -> int:
    """Whole days that have passed."""
    return (now - at).days
