"""The doors of an office's acts: approve, return, take either back, decide about held children."""

from typing import Annotated

from fastapi import APIRouter

from gateway.access.grants import Grant
from gateway.access.vocabulary import Operation
from gateway.intake.acts.acting import Acting
from gateway.intake.acts.approving import approve, return_to_school, undo_approval
from gateway.intake.acts.arbitrating import award, clear_identity, look_again
from gateway.intake.doors.decision_bodies import (
    ActedOn,
    Children,
    Decision,
    DecisionBody,
    ReasonBody,
)
from gateway.intake.doors.decision_routes import ONE, HandoverId, may
from gateway.intake.doors.deeds import Act, act_on_many, act_on_one
from gateway.intake.doors.desk import Desk
from gateway.intake.doors.handover_view import HandoverState
from gateway.intake.handover import Handover
from gateway.web.routing import open_router


def county_routes(desk: Desk, acting: Acting) -> APIRouter:
    """The routes of what an office does."""
    router = open_router("handovers")
    _approve(router, desk, acting)
    _return(router, desk, acting)

    @router.post(f"{ONE}/decision", summary="裁定 · Decide about a held child")
    async def decide_one(
        handover_id: HandoverId,
        body: DecisionBody,
        grant: Annotated[Grant, may(desk, Operation.HANDOVER_DECIDE)],
    ) -> HandoverState:
        """Award the child to this school, settle a death mark, or have it looked up now."""
        act = _decision(acting, grant, handover_id, body.decision)
        return await act_on_one(desk, grant, handover_id, act)

    return router


def _approve(router: APIRouter, desk: Desk, acting: Acting) -> None:
    approving = may(desk, Operation.HANDOVER_APPROVE)

    @router.post(f"{ONE}/approval", summary="核准 · Approve")
    async def approve_one(
        handover_id: HandoverId, grant: Annotated[Grant, approving]
    ) -> HandoverState:
        """The passage is registered; from then on only a transfer changes it."""
        return await act_on_one(
            desk, grant, handover_id, lambda c, because: approve(acting, c, [handover_id], because)
        )

    @router.post("/v1/handovers/approvals", summary="批量核准 · Approve many")
    async def approve_many(children: Children, grant: Annotated[Grant, approving]) -> ActedOn:
        """All of them or none; not offered where the county approves each child by itself."""
        ids = children.rows
        rows = await act_on_many(
            desk, grant, ids, lambda c, because: approve(acting, c, ids, because)
        )
        return ActedOn(rows=rows)


def _return(router: APIRouter, desk: Desk, acting: Acting) -> None:
    @router.post(f"{ONE}/return", summary="核准退回 · Return to the school")
    async def return_one(
        handover_id: HandoverId,
        body: ReasonBody,
        grant: Annotated[Grant, may(desk, Operation.HANDOVER_RETURN)],
    ) -> HandoverState:
        """The school reads the reason, acts on it and hands in again."""
        return await act_on_one(
            desk,
            grant,
            handover_id,
            lambda c, because: return_to_school(acting, c, handover_id, body.reason, because),
        )

    @router.post(f"{ONE}/approval/undo", summary="撤回核准或退回 · Take a decision back")
    async def undo_one(
        handover_id: HandoverId, grant: Annotated[Grant, may(desk, Operation.HANDOVER_APPROVE)]
    ) -> HandoverState:
        """The child is before the county again, neither approved nor returned."""
        return await act_on_one(
            desk,
            grant,
            handover_id,
            lambda c, because: undo_approval(acting, c, handover_id, because),
        )


def _decision(acting: Acting, grant: Grant, handover_id: str, decision: Decision) -> Act:
    def covers(rival: Handover) -> bool:
        return grant.scope.covers(institution=rival.school, area=rival.area)

    match decision:
        case Decision.AWARD:
            return lambda c, because: award(acting, c, handover_id, covers, because)
        case Decision.CLEAR_IDENTITY:
            return lambda c, because: clear_identity(acting, c, handover_id, because)
        case Decision.LOOK_AGAIN:
            return lambda c, because: look_again(acting, c, handover_id, because)
