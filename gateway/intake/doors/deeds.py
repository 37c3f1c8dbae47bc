"""How a route lets a person act: within reach, in one transaction, refused with every reason."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.intake.doors.desk import Desk, because_of
from gateway.intake.doors.finding import require_handovers
from gateway.intake.doors.handover_view import HandoverState, view_state
from gateway.intake.doors.refused_acts import problem_of_one, problem_of_rows
from gateway.intake.handover import Handover
from gateway.intake.moves import Because
from gateway.intake.rules.refusals import RowsRefused

Act = Callable[[AsyncConnection, Because], Awaitable[list[Handover]]]


async def act_on_one(desk: Desk, grant: Grant, handover_id: str, act: Act) -> HandoverState:
    """Where the child stands after the act."""
    await require_handovers(desk, grant, [handover_id])
    try:
        stored = await _act(desk, grant, act)
    except RowsRefused as refused:
        raise problem_of_one(refused) from None
    return next(view_state(h, desk.wordings) for h in stored if h.handover_id == handover_id)


async def act_on_many(
    desk: Desk, grant: Grant, handover_ids: Sequence[str], act: Act
) -> list[HandoverState]:
    """Where the children stand after the act; it is done to all of them or to none."""
    await require_handovers(desk, grant, handover_ids)
    try:
        stored = await _act(desk, grant, act)
    except RowsRefused as refused:
        raise problem_of_rows(refused) from None
    return [view_state(handover, desk.wordings) for handover in stored]


async def _act(desk: Desk, grant: Grant, act: Act) -> list[Handover]:
    async with desk.database.transaction() as connection:
        return await act(connection, because_of(grant))
