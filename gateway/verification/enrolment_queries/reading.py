"""Queries as they are listed: a unit's own, or those of an auditor's area; children never."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Scope
from gateway.access.vocabulary import Reach
from gateway.verification.enrolment_queries.papers import overdue, owed
from gateway.verification.enrolment_queries.query import Standing, standing_of
from gateway.verification.enrolment_queries.tables import enrolment_queries

_columns = enrolment_queries.c
_SHOWN = [_columns[name] for name in Standing.__slots__]


class Papers(StrEnum):
    """Which queries a list shows by their papers."""

    OWED = "owed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which queries are wanted; None leaves a question open."""

    scope: Scope
    unit: str | None = None
    papers: Papers | None = None

    def conditions(self, now: datetime) -> Sequence[ColumnElement[bool]]:
        """What a query must fulfil."""
        conditions = [_within(self.scope)]
        if self.unit is not None:
            conditions.append(_columns.unit == self.unit)
        if self.papers is not None:
            conditions.append(owed() if self.papers is Papers.OWED else overdue(now))
        return conditions


async def list_queries(
    connection: AsyncConnection, wanted: Wanted, before: str, limit: int, now: datetime
) -> list[Standing]:
    """The wanted queries before an id, the newest first."""
    query = select(*_SHOWN).where(*wanted.conditions(now))
    if before:
        query = query.where(_columns.query_id < before)
    rows = await connection.execute(query.order_by(_columns.query_id.desc()).limit(limit))
    return [standing_of(row) for row in rows]


async def find_owing(connection: AsyncConnection, scope: Scope, query_id: str) -> Standing | None:
    """The query within the scope that owes or owed a paper, locked; None for all others alike."""
    query = (
        select(*_SHOWN)
        .where(_within(scope), _columns.query_id == query_id)
        .where(_columns.paper_due_at.is_not(None))
        .with_for_update()
    )
    row = (await connection.execute(query)).one_or_none()
    return standing_of(row) if row is not None else None


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.reach is Reach.INSTITUTION:
        return _columns.unit == scope.value
    if scope.reach is Reach.NONE or not scope.value:
        return false()
    return _columns.area.startswith(scope.value, autoescape=True)
