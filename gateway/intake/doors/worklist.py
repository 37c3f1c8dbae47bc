"""The work-list: which handovers a caller wants and may see, and how many stand where."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Scope
from gateway.access.vocabulary import Reach
from gateway.intake.doors.lines import Line, open_lines, select_lines
from gateway.intake.rules.states import Hold, Situation, State
from gateway.intake.tables import candidates, handovers
from gateway.sealing import Sealer


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
        select_lines(
            literal(0).label("line"), literal("").label("row"), literal("[]").label("faults")
        )
        .where(and_(*wanted.conditions(), handovers.c.handover_id > after))
        .order_by(handovers.c.handover_id)
        .limit(limit)
    )
    return await open_lines(connection, sealer, (await connection.execute(query)).all())


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
