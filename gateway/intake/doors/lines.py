"""Rows of lists and of work-lists as they stand, with what a caller may read of each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.intake.lists import CellFault
from gateway.intake.rules.states import Hold, Situation, State
from gateway.intake.tables import handovers, intake_rows
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.sheets.faults import fault
from gateway.verification.problems.findings import problems

_NOT_REPORTED = (State.LISTED, State.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an intake, or one handover of a work-list, as it stands."""

    line: int
    row: str
    handover_id: str
    school: str
    situation: Situation
    number: str | None = field(repr=False)
    grade: str | None
    problems: tuple[Outcome, ...]
    owner: str
    due_on: str | None
    since_at: datetime
    faults: tuple[CellFault, ...] = ()


async def intake_lines(
    connection: AsyncConnection, sealer: Sealer, intake_id: str, after: int, limit: int
) -> list[Line]:
    """The rows of an intake after a line, in the order of the file."""
    query = (
        select_lines(intake_rows.c.line, intake_rows.c.row, intake_rows.c.faults)
        .join(intake_rows, intake_rows.c.handover_id == handovers.c.handover_id)
        .where(intake_rows.c.intake_id == intake_id, intake_rows.c.line > after)
        .order_by(intake_rows.c.line)
        .limit(limit)
    )
    return await open_lines(connection, sealer, (await connection.execute(query)).all())


def select_lines(*first: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """What `open_lines` needs of handovers, after line, row and faults."""
    columns = handovers.c
    return select(
        *first,
        columns.handover_id,
        columns.school,
        columns.key_id,
        columns.state,
        columns.hold,
        columns.sealed_number,
        columns.grade,
        columns.owner,
        columns.due_on,
        columns.since_at,
    )


async def open_lines(
    connection: AsyncConnection, sealer: Sealer, rows: Sequence[Row[tuple[object, ...]]]
) -> list[Line]:
    """The rows opened; of an erased child the number stays closed."""
    keys = await load_keys(connection, [row.key_id for row in rows], sealer)
    found = await problems(connection, [row.handover_id for row in rows])
    return [_line(row, keys.get(row.key_id), found.get(row.handover_id, ())) for row in rows]


def _line(row: Row[tuple[object, ...]], key: DataKey | None, outcomes: tuple[Outcome, ...]) -> Line:
    situation = Situation(State(row.state), Hold(row.hold) if row.hold else None)
    # Before a child has reported, nothing a register holds of it is shown.
    shown = row.sealed_number is not None and situation.state not in _NOT_REPORTED
    return Line(
        line=row.line,
        row=row.row,
        handover_id=row.handover_id,
        school=row.school,
        situation=situation,
        number=key.open(row.sealed_number, "number").decode() if shown and key else None,
        grade=row.grade,
        problems=outcomes,
        owner=row.owner,
        due_on=row.due_on,
        since_at=row.since_at,
        faults=tuple(fault(column, reason) for column, reason in json.loads(row.faults)),
    )
