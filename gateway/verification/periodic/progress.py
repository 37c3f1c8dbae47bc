"""How far a round has come: what the registers were asked, which rosters are signed, by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Stage
from gateway.access.grants import Scope
from gateway.access.vocabulary import Reach
from gateway.verification.batches.progress import Progress, find_batch
from gateway.verification.periodic.round import Round, within
from gateway.verification.periodic.rules import Difference, RosterState
from gateway.verification.periodic.tables import (
    periodic_children,
    periodic_differences,
    periodic_rolls,
    periodic_rosters,
    periodic_schools,
    periodic_sweeps,
)

_schools, _rosters = periodic_schools.c, periodic_rosters.c
_children, _differences = periodic_children.c, periodic_differences.c


@dataclass(frozen=True, slots=True)
class Sweep:
    """The comparison with one register; `batch` is None while its records are being gathered."""

    system: str
    stage: Stage
    batch_id: str
    gathered: int
    batch: Progress | None


@dataclass(frozen=True, slots=True)
class School:
    """How far one school has come; `listed` of its `records` stand on signed rosters."""

    school: str
    area: str
    records: int
    listed: int
    rosters: Mapping[RosterState, int]
    owner: str
    due_on: str | None
    escalations: int

    @property
    def finished(self) -> bool:
        """Whether rosters were handed in, and each is signed."""
        return bool(self.rosters) and set(self.rosters) == {RosterState.SIGNED}


@dataclass(frozen=True, slots=True)
class Course:
    """The course of one round within a scope."""

    schools: int
    finished: int
    overdue: int
    records: int
    listed: int
    differences: Mapping[Difference, int]
    sweeps: Sequence[Sweep]
    kindergartens_read: bool


async def course_of(
    connection: AsyncConnection, begun: Round, scope: Scope, today: date, now: datetime
) -> Course:
    """How far a round has come within a scope; its batches are shown to whoever has all of it."""
    schools = await schools_of(connection, begun.round_id, scope, "", None)
    unfinished = [one for one in schools if not one.finished]
    whole = scope.reach is not Reach.INSTITUTION and begun.reach.startswith(scope.value)
    return Course(
        schools=len(schools),
        finished=len(schools) - len(unfinished),
        overdue=sum(is_overdue(one, begun, today) for one in unfinished),
        records=sum(one.records for one in schools),
        listed=sum(one.listed for one in schools),
        differences=await _kinds(connection, begun.round_id, scope),
        sweeps=await _sweeps(connection, begun.round_id, now) if whole else (),
        kindergartens_read=await _read(connection, begun.round_id),
    )


async def schools_of(
    connection: AsyncConnection, round_id: str, scope: Scope, after: str, limit: int | None
) -> list[School]:
    """The schools of a round within a scope, after a code."""
    mine = (_schools.round_id == round_id) & within(scope, _schools.school, _schools.area)
    query = select(periodic_schools).where(mine, _schools.school > after)
    rows = (await connection.execute(query.order_by(_schools.school).limit(limit))).all()
    rosters = await _states(connection, round_id)
    listed = await _listed(connection, round_id)
    return [
        School(
            school=row.school,
            area=row.area,
            records=row.records,
            listed=listed.get(row.school, 0),
            rosters=rosters.get(row.school, {}),
            owner=row.owner,
            due_on=row.due_on,
            escalations=row.escalations,
        )
        for row in rows
    ]


def is_overdue(school: School, begun: Round, today: date) -> bool:
    """Whether a school has not finished though the round's day has passed."""
    return not school.finished and today.isoformat() > begun.due_on


async def _states(
    connection: AsyncConnection, round_id: str
) -> Mapping[str, dict[RosterState, int]]:
    counted = select(_rosters.school, _rosters.state, func.count())
    query = counted.where(_rosters.round_id == round_id).group_by(_rosters.school, _rosters.state)
    found: dict[str, dict[RosterState, int]] = {}
    for school, state, number in await connection.execute(query):
        found.setdefault(school, {})[RosterState(state)] = number
    return found


async def _listed(connection: AsyncConnection, round_id: str) -> Mapping[str, int]:
    query = (
        select(_rosters.school, func.count(_children.subject_id))
        .join(periodic_children, _children.roster_id == _rosters.roster_id)
        .where(_rosters.round_id == round_id, _rosters.state == RosterState.SIGNED.value)
        .group_by(_rosters.school)
    )
    return {row.school: row[1] for row in await connection.execute(query)}


async def _kinds(
    connection: AsyncConnection, round_id: str, scope: Scope
) -> Mapping[Difference, int]:
    mine = within(scope, _differences.school, _differences.area)
    query = select(_differences.kind, func.count()).where(_differences.round_id == round_id, mine)
    rows = await connection.execute(query.group_by(_differences.kind).order_by(_differences.kind))
    return {Difference(kind): number for kind, number in rows}


async def _read(connection: AsyncConnection, round_id: str) -> bool:
    columns = periodic_rolls.c
    query = select(columns.finished_at).where(columns.round_id == round_id)
    return (await connection.execute(query)).scalar() is not None


async def _sweeps(connection: AsyncConnection, round_id: str, now: datetime) -> list[Sweep]:
    columns = periodic_sweeps.c
    query = select(periodic_sweeps).where(columns.round_id == round_id)
    rows = (await connection.execute(query.order_by(columns.system, columns.stage))).all()
    return [
        Sweep(
            system=row.system,
            stage=Stage(row.stage),
            batch_id=row.batch_id,
            gathered=row.rows,
            batch=await find_batch(connection, row.batch_id, now),
        )
        for row in rows
    ]
