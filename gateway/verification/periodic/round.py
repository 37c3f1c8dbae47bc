"""One round as the store holds it, and which records lie within it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant, Scope
from gateway.access.vocabulary import Reach
from gateway.database import insert_into
from gateway.verification.periodic.rules import RoundState
from gateway.verification.periodic.tables import periodic_rounds, periodic_schools
from gateway.verification.problems.holdings import Holdings

_rounds, _schools = periodic_rounds.c, periodic_schools.c


@dataclass(frozen=True, slots=True)
class Round:
    """A semester's verification of one county or province; `reach` is its areas' first digits."""

    round_id: str
    term: str
    office: str
    area: str
    reach: str
    state: RoundState
    case: str
    trace_id: str
    started_by: str
    started_at: datetime
    due_on: str
    closed_at: datetime | None = None


_COLUMNS = tuple(_rounds[field.name] for field in fields(Round))


def records_within(holdings: Holdings, reach: str) -> tuple[Subquery, ColumnElement[bool]]:
    """The records schools hold, and the condition that they lie within a round's reach."""
    held = holdings.rows().subquery()
    return held, held.c.area.startswith(reach, autoescape=True)


async def load_round(
    connection: AsyncConnection, round_id: str, *, lock: bool = False
) -> Round | None:
    """The round, or None."""
    query = select(*_COLUMNS).where(_rounds.round_id == round_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return round_of(row) if row is not None else None


async def rounds_of_term(connection: AsyncConnection, term: str) -> list[Round]:
    """Every round of a semester."""
    rows = await connection.execute(select(*_COLUMNS).where(_rounds.term == term))
    return [round_of(row) for row in rows]


async def list_rounds(
    connection: AsyncConnection, scope: Scope, after: str, limit: int
) -> list[Round]:
    """The rounds this scope has to do with, after an id."""
    query = select(*_COLUMNS).where(touched_by(scope), _rounds.round_id > after)
    rows = await connection.execute(query.order_by(_rounds.round_id).limit(limit))
    return [round_of(row) for row in rows]


async def touches(connection: AsyncConnection, scope: Scope, round_id: str) -> bool:
    """Whether a scope has to do with a round: it takes part, or their areas share a county."""
    query = select(func.count()).where(_rounds.round_id == round_id, touched_by(scope))
    return bool((await connection.execute(query)).scalar_one())


def touched_by(scope: Scope) -> ColumnElement[bool]:
    """The rounds a scope has to do with, as a condition."""
    if scope.reach is Reach.NONE or not scope.value:
        return false()
    part = select(_schools.round_id).where(within(scope, _schools.school, _schools.area))
    if scope.reach is Reach.INSTITUTION:
        return _rounds.round_id.in_(part)
    inside = _rounds.reach.startswith(scope.value, autoescape=True)
    return or_(inside, _rounds.round_id.in_(part))


def within(
    scope: Scope, school: ColumnElement[str], area: ColumnElement[str]
) -> ColumnElement[bool]:
    """The schools a scope reaches, as a condition."""
    if scope.reach is Reach.INSTITUTION:
        return school == scope.value
    if scope.reach is Reach.NONE or not scope.value:
        return false()
    return area.startswith(scope.value, autoescape=True)


async def move(
    connection: AsyncConnection, round_id: str, state: RoundState, **columns: Any
) -> None:
    """Put the round into a state."""
    mine = _rounds.round_id == round_id
    values = {"state": state.value, **columns}
    await connection.execute(update(periodic_rounds).where(mine).values(values))


async def take_part(
    connection: AsyncConnection, begun: Round, schools: Sequence[Row[tuple[Any, ...]]]
) -> None:
    """Have these take part, each a row of school, area and how many records it has."""
    rows = [
        {
            "round_id": begun.round_id,
            "school": row.school,
            "area": row.area,
            "records": row.records,
            "owner": f"school:{row.school}",
            "due_on": begun.due_on,
            "escalations": 0,
        }
        for row in schools
    ]
    if rows:
        # Who has records of both stages takes part with both.
        statement = insert_into(connection, periodic_schools)
        both = {"records": _schools.records + statement.excluded.records}
        upsert = statement.on_conflict_do_update(index_elements=["round_id", "school"], set_=both)
        await connection.execute(upsert, rows)


def draft(grant: Grant, round_id: str, term: str, due_on: str, now: datetime) -> Round:
    """A round of the grant's whole reach."""
    return Round(
        round_id=round_id,
        term=term,
        office=grant.institution,
        area=grant.area,
        reach=grant.scope.value,
        state=RoundState.RUNNING,
        case=grant.case,
        trace_id=grant.trace_id,
        started_by=grant.user,
        started_at=now,
        due_on=due_on,
    )


def round_of(row: Row[Any]) -> Round:
    """The round in a row of `periodic_rounds`."""
    columns = row._asdict()
    return Round(**columns | {"state": RoundState(columns["state"])})


def select_schools(round_id: str) -> Select[Any]:
    """The schools of a round."""
    return select(periodic_schools).where(_schools.round_id == round_id)
