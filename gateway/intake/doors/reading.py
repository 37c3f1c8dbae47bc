"""What callers read of intakes and handovers: rows, counts, and whether all is settled."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.access.grants import Scope
from gateway.access.vocabulary import Reach
from gateway.calls.tables import lanes
from gateway.intake.lists import CellFault
from gateway.intake.rules.states import Hold, Situation, State
from gateway.intake.tables import candidates, handovers, intake_rows, intakes
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.sheets.faults import fault
from gateway.verification.problems.findings import problems
from gateway.verification.tables import verifications

POPULATION = "population"
_NOT_REPORTED = (State.LISTED, State.NO_SHOW)
_UNDER_WAY = (State.SEARCHING.value, State.ACCEPTED.value)


@dataclass(frozen=True, slots=True)
class IntakeSummary:
    """One intake: how many rows stand where, and whether anything is still under way."""

    intake_id: str
    school: str
    school_year: str
    rows: int
    confirmed_at: datetime | None
    received_at: datetime
    counts: dict[Situation, int]
    settled: bool


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


async def find_intake(
    connection: AsyncConnection, intake_id: str
) -> Row[tuple[object, ...]] | None:
    """The intake's own row, or None."""
    query = select(intakes).where(intakes.c.intake_id == intake_id)
    return (await connection.execute(query)).one_or_none()


async def summarise(connection: AsyncConnection, intake: Row[tuple[object, ...]]) -> IntakeSummary:
    """How an intake stands."""
    joined = select(handovers.c.state, handovers.c.hold, func.count()).join(
        intake_rows, intake_rows.c.handover_id == handovers.c.handover_id
    )
    grouped = joined.where(intake_rows.c.intake_id == intake.intake_id).group_by(
        handovers.c.state, handovers.c.hold
    )
    counts = {
        Situation(State(state), Hold(hold) if hold else None): count
        for state, hold, count in await connection.execute(grouped)
    }
    return IntakeSummary(
        intake.intake_id,
        intake.school,
        intake.school_year,
        intake.rows,
        intake.confirmed_at,
        intake.received_at,
        counts,
        await _settled(connection, intake.intake_id),
    )


async def _settled(connection: AsyncConnection, intake_id: str) -> bool:
    """Whether nothing is under way and each verification is answered or cannot be asked now."""
    mine = (
        select(intake_rows.c.handover_id)
        .where(intake_rows.c.intake_id == intake_id)
        .scalar_subquery()
    )
    moving = select(func.count()).where(handovers.c.handover_id.in_(mine), _under_way())
    if (await connection.execute(moving)).scalar_one():
        return False
    pending = select(func.count()).where(
        verifications.c.subject_id.in_(mine), verifications.c.outcome.is_(None)
    )
    if not (await connection.execute(pending)).scalar_one():
        return True
    lane = select(lanes.c.state).where(lanes.c.system == POPULATION)
    return (await connection.execute(lane)).scalar() == "closed"


def _under_way() -> ColumnElement[bool]:
    return or_(handovers.c.state.in_(_UNDER_WAY), handovers.c.hold == Hold.OUTCOME_UNKNOWN.value)


async def intake_lines(
    connection: AsyncConnection, sealer: Sealer, intake_id: str, after: int, limit: int
) -> list[Line]:
    """The rows of an intake after a line, in the order of the file."""
    query = (
        _lines(intake_rows.c.line, intake_rows.c.row, intake_rows.c.faults)
        .join(intake_rows, intake_rows.c.handover_id == handovers.c.handover_id)
        .where(intake_rows.c.intake_id == intake_id, intake_rows.c.line > after)
        .order_by(intake_rows.c.line)
        .limit(limit)
    )
    return await _opened(connection, sealer, (await connection.execute(query)).all())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which handovers a work-list shows; None leaves a question open."""

    scope: Scope | None
    state: State | None = None
    hold: Hold | None = None
    owner: str | None = None
    due_before: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a handover must fulfil."""
        columns = handovers.c
        asked = {
            columns.state: self.state,
            columns.hold: self.hold,
            columns.owner: self.owner,
        }
        conditions = [column == str(value) for column, value in asked.items() if value]
        if self.scope is not None:
            conditions.append(_within(self.scope))
        if self.due_before is not None:
            conditions.append(columns.due_on < self.due_before)
        return conditions


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.reach is Reach.INSTITUTION:
        return handovers.c.school == scope.value
    if scope.reach is Reach.NONE or not scope.value:
        return false()
    return handovers.c.area.startswith(scope.value, autoescape=True)


async def worklist(
    connection: AsyncConnection, sealer: Sealer, wanted: Wanted, after: str, limit: int
) -> list[Line]:
    """The wanted handovers after an id, in a stable order."""
    query = (
        _lines(literal(0).label("line"), literal("").label("row"), literal("[]").label("faults"))
        .where(and_(*wanted.conditions(), handovers.c.handover_id > after))
        .order_by(handovers.c.handover_id)
        .limit(limit)
    )
    return await _opened(connection, sealer, (await connection.execute(query)).all())


async def reaches(connection: AsyncConnection, scope: Scope, number_indexes: Sequence[str]) -> bool:
    """Whether a handover within the scope was matched to a child known by one of these numbers.

    What a list merely claims reaches nobody: else a school could write down any number and be
    told whose it is now.
    """
    matched = and_(
        candidates.c.handover_id == handovers.c.handover_id,
        candidates.c.record_id == handovers.c.matched_record,
        candidates.c.number_index.in_(number_indexes),
    )
    created = and_(
        handovers.c.state == State.CREATED.value, handovers.c.number_index.in_(number_indexes)
    )
    query = (
        select(func.count())
        .select_from(handovers)
        .where(_within(scope), or_(exists().where(matched), created))
    )
    return bool((await connection.execute(query)).scalar_one())


async def count_situations(connection: AsyncConnection, wanted: Wanted) -> dict[Situation, int]:
    """How many of the wanted handovers stand where."""
    query = (
        select(handovers.c.state, handovers.c.hold, func.count())
        .where(and_(*wanted.conditions()))
        .group_by(handovers.c.state, handovers.c.hold)
    )
    return {
        Situation(State(state), Hold(hold) if hold else None): count
        for state, hold, count in await connection.execute(query)
    }


def _lines(*first: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
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


async def _opened(
    connection: AsyncConnection, sealer: Sealer, rows: Sequence[Row[tuple[object, ...]]]
) -> list[Line]:
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
