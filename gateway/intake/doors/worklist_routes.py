"""The work-list: which children wait, for what, whose turn it is and what to do next."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation, Role
from gateway.evidence import Action
from gateway.intake.doors.desk import Desk
from gateway.intake.doors.sight import sight_of
from gateway.intake.doors.views import Worklist, WorklistCounts, view_counts, view_line
from gateway.intake.doors.worklist import Wanted, count_situations, worklist
from gateway.intake.rules.states import Hold, State
from gateway.web.routing import open_router

PAGE = 200


def worklist_routes(desk: Desk) -> APIRouter:
    """The routes of the work-list."""
    router = open_router("handovers")
    reading: Any = Depends(Admission(desk.access, Operation.WORKLIST_READ))

    @router.get("/v1/handovers", summary="待办清单 · The work-list")
    async def listed(
        grant: Annotated[Grant, reading],
        state: State | None = None,
        reason: Hold | None = None,
        owner: Annotated[str | None, Query(max_length=64)] = None,
        due_before: date | None = None,
        after: Annotated[str, Query(max_length=32)] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> Worklist:
        """The handovers within the caller's reach, in a stable order, page by page."""
        wanted = _wanted(grant, state, reason, owner, due_before)
        async with desk.database.transaction() as connection:
            lines = await worklist(connection, desk.sealer, wanted, after, limit)
            await desk.log.append(connection, [grant.entry(Action.SEARCH, "worklist")])
        return Worklist(
            handovers=[view_line(line, desk.wordings, sight_of(grant)) for line in lines],
            next=lines[-1].handover_id if len(lines) == limit else None,
        )

    @router.get("/v1/handover-counts", summary="待办计数 · Counts of the work-list")
    async def counted(
        grant: Annotated[Grant, reading],
        owner: Annotated[str | None, Query(max_length=64)] = None,
        due_before: date | None = None,
    ) -> WorklistCounts:
        """How many handovers within the caller's reach stand where."""
        wanted = _wanted(grant, None, None, owner, due_before)
        async with desk.database.transaction() as connection:
            counts = await count_situations(connection, wanted)
            await desk.log.append(connection, [grant.entry(Action.SEARCH, "counts")])
        return WorklistCounts(situations=view_counts(counts, desk.wordings))

    return router


def _wanted(
    grant: Grant,
    state: State | None,
    hold: Hold | None,
    owner: str | None,
    due_before: date | None,
) -> Wanted:
    """What was asked, within what the grant reaches: a kindergarten sees only its own turn."""
    kindergarten = grant.role is Role.KINDERGARTEN
    return Wanted(
        scope=None if kindergarten else grant.scope,
        state=state,
        hold=hold,
        owner=f"kindergarten:{grant.institution}" if kindergarten else owner,
        due_before=due_before.isoformat() if due_before else None,
    )
