"""The list of problem records and its counts, as queries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.verification.problems.doors.sight import Sight
from gateway.verification.problems.record import Record, load
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.rules.states import State
from gateway.verification.problems.tables import problem_findings, problem_records

_columns = problem_records.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are asked for, within what may be seen; closed ones only by their state."""

    sight: Sight
    county: str | None = None
    school: str | None = None
    problem_class: ProblemClass | None = None
    state: State | None = None
    owner: str | None = None
    opened_before: datetime | None = None
    due_before: date | None = None

    def condition(self) -> ColumnElement[bool]:
        """The records as a condition."""
        parts = [self.sight.condition(), self._of_state(), *self._filters()]
        return and_(*parts)

    def _of_state(self) -> ColumnElement[bool]:
        if self.state is None:
            return _columns.closed_at.is_(None)
        return _columns.state == self.state.value

    def _filters(self) -> list[ColumnElement[bool]]:
        given = {
            _columns.area: self.county,
            _columns.school: self.school,
            _columns.owner: self.owner,
        }
        parts = [column == value for column, value in given.items() if value is not None]
        if self.opened_before is not None:
            parts.append(_columns.opened_at <= self.opened_before)
        if self.due_before is not None:
            parts.append(_columns.due_on < self.due_before.isoformat())
        if self.problem_class is not None:
            parts.append(_columns.problem_id.in_(_of_class(self.problem_class)))
        return parts


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of the summary: what one county has of one class; None stands for any class."""

    area: str
    problem_class: ProblemClass | None
    found: int
    closed: int
    overdue: int


async def list_records(
    connection: AsyncConnection, wanted: Wanted, after: str, limit: int
) -> list[Record]:
    """The wanted records after an id, in a stable order."""
    query = select(_columns.problem_id).where(wanted.condition(), _columns.problem_id > after)
    ids = await connection.execute(query.order_by(_columns.problem_id).limit(limit))
    return await load(connection, ids.scalars().all())


async def tally(connection: AsyncConnection, sight: Sight, today: date) -> list[Tally]:
    """How many records of each class each county has, and of any class, closed ones too.

    A record of two classes counts in both and once in the whole.
    """
    whole = await connection.execute(_by_county(sight, today))
    each = await connection.execute(_by_class(sight, today))
    lines = [Tally(row.area, None, row.found, row.closed, row.overdue) for row in whole]
    lines += [
        Tally(row.area, ProblemClass(row.problem_class), row.found, row.closed, row.overdue)
        for row in each
    ]
    return sorted(lines, key=lambda line: (line.area, line.problem_class or ""))


def opened_before(now: datetime, days: int | None) -> datetime | None:
    """The latest opening of records that are at least so many days old."""
    return None if days is None else now - timedelta(days=days)


def _of_class(problem_class: ProblemClass) -> Select[str | None]:
    named = problem_findings.c.problem_class == problem_class.value
    gathered = problem_findings.c.problem_id.is_not(None)
    return select(problem_findings.c.problem_id).where(named, gathered)


def _counts(today: date) -> tuple[ColumnElement[int], ...]:
    closed = case((_columns.closed_at.is_not(None), _columns.problem_id))
    late = case((_columns.due_on < today.isoformat(), _columns.problem_id))
    return (
        func.count(func.distinct(_columns.problem_id)).label("found"),
        func.count(func.distinct(closed)).label("closed"),
        func.count(func.distinct(late)).label("overdue"),
    )


def _by_county(sight: Sight, today: date) -> Select[*tuple[Any, ...]]:
    query = select(_columns.area, *_counts(today)).where(sight.condition())
    return query.group_by(_columns.area)


def _by_class(sight: Sight, today: date) -> Select[*tuple[Any, ...]]:
    found = problem_findings.c
    joined = problem_records.join(problem_findings, found.problem_id == _columns.problem_id)
    query = select(_columns.area, found.problem_class, *_counts(today)).select_from(joined)
    return query.where(sight.condition()).group_by(_columns.area, found.problem_class)
