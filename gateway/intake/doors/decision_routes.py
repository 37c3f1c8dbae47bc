"""The doors of a school's acts: report, propose, confirm, choose, reject, withdraw, reverse."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Response

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation, Role
from gateway.intake.acts.acting import Acting
from gateway.intake.acts.approving import resubmit
from gateway.intake.acts.choosing import Choice, choose, reject_candidate
from gateway.intake.acts.leaving import begin_reversal, withdraw
from gateway.intake.acts.proposing import Seen, batch_hash, confirm, propose
from gateway.intake.acts.reporting import report
from gateway.intake.doors.decision_bodies import (
    ActedOn,
    CandidateBody,
    OfferBatch,
    ReasonBody,
    ReportBody,
    Reports,
)
from gateway.intake.doors.deeds import act_on_many, act_on_one
from gateway.intake.doors.desk import Desk
from gateway.intake.doors.finding import require_handovers
from gateway.intake.doors.handover_view import HandoverState
from gateway.intake.rules.states import State
from gateway.web.preconditions import entity_tag, require_match
from gateway.web.routing import open_router

HandoverId = Annotated[str, Path(max_length=32)]
IfMatch = Annotated[str | None, Header(description="The ETag of what was looked at.")]
ONE = "/v1/handovers/{handover_id}"


def decision_routes(desk: Desk, acting: Acting) -> APIRouter:
    """The routes of what a school does."""
    router = open_router("handovers")
    _report(router, desk, acting)
    _propose_and_confirm(router, desk, acting)
    _propose_and_confirm_many(router, desk, acting)
    _choose(router, desk, acting)
    _leave(router, desk, acting)
    return router


def may(desk: Desk, operation: Operation) -> Any:
    """The dependency that admits requests to one operation."""
    return Depends(Admission(desk.access, operation))


def _report(router: APIRouter, desk: Desk, acting: Acting) -> None:
    reporting = may(desk, Operation.HANDOVER_REPORT)

    @router.post(f"{ONE}/report", summary="登记报到 · Report a child")
    async def report_one(
        handover_id: HandoverId, body: ReportBody, grant: Annotated[Grant, reporting]
    ) -> HandoverState:
        """A child that came is looked up; a report can be taken back until it is confirmed."""
        told = [body.report(handover_id)]
        return await act_on_one(
            desk, grant, handover_id, lambda c, because: report(acting, c, told, because)
        )

    @router.post("/v1/handovers/reports", summary="批量登记报到 · Report many children")
    async def report_many(body: Reports, grant: Annotated[Grant, reporting]) -> ActedOn:
        """All of the reports or none."""
        told = [row.report(row.handover_id) for row in body.rows]
        ids = [row.handover_id for row in body.rows]
        rows = await act_on_many(
            desk, grant, ids, lambda c, because: report(acting, c, told, because)
        )
        return ActedOn(rows=rows)


def _propose_and_confirm(router: APIRouter, desk: Desk, acting: Acting) -> None:
    proposing = may(desk, Operation.HANDOVER_PROPOSE)
    confirming = may(desk, Operation.HANDOVER_CONFIRM)

    @router.post(f"{ONE}/proposal", summary="提交核对结果 · Propose the offer")
    async def propose_one(
        handover_id: HandoverId, grant: Annotated[Grant, proposing], if_match: IfMatch = None
    ) -> HandoverState:
        """The clerk has checked this very offer; If-Match names it."""
        seen = [await _seen(desk, grant, handover_id, if_match)]
        return await act_on_one(
            desk, grant, handover_id, lambda c, because: propose(acting, c, seen, because)
        )

    @router.post(f"{ONE}/confirmation", summary="主管领导确认 · Confirm the offer")
    async def confirm_one(
        handover_id: HandoverId, grant: Annotated[Grant, confirming], if_match: IfMatch = None
    ) -> HandoverState:
        """Another person than the clerk confirms the same offer; then it is carried."""
        seen = [await _seen(desk, grant, handover_id, if_match)]
        return await act_on_one(
            desk, grant, handover_id, lambda c, because: confirm(acting, c, seen, because)
        )


def _propose_and_confirm_many(router: APIRouter, desk: Desk, acting: Acting) -> None:
    proposing = may(desk, Operation.HANDOVER_PROPOSE)
    confirming = may(desk, Operation.HANDOVER_CONFIRM)

    @router.post("/v1/handovers/proposals", summary="批量提交核对结果 · Propose many offers")
    async def propose_many(
        batch: OfferBatch, response: Response, grant: Annotated[Grant, proposing]
    ) -> ActedOn:
        """All of them or none; the answer's ETag stands for the whole list."""
        seen, named = batch.seen, batch_hash(batch.seen)
        ids = [row.handover_id for row in seen]
        rows = await act_on_many(
            desk, grant, ids, lambda c, because: propose(acting, c, seen, because)
        )
        response.headers["ETag"] = entity_tag(named)
        return ActedOn(batch_hash=named, rows=rows)

    @router.post("/v1/handovers/confirmations", summary="批量确认 · Confirm many offers")
    async def confirm_many(
        batch: OfferBatch, grant: Annotated[Grant, confirming], if_match: IfMatch = None
    ) -> ActedOn:
        """All of them or none; If-Match names the list that was proposed by its hash."""
        seen, named = batch.seen, batch_hash(batch.seen)
        require_match(if_match, named)
        ids = [row.handover_id for row in seen]
        rows = await act_on_many(
            desk, grant, ids, lambda c, because: confirm(acting, c, seen, because)
        )
        return ActedOn(batch_hash=named, rows=rows)


def _choose(router: APIRouter, desk: Desk, acting: Acting) -> None:
    choosing = may(desk, Operation.HANDOVER_CHOOSE_CANDIDATE)
    rejecting = may(desk, Operation.HANDOVER_REJECT_CANDIDATE)

    @router.post(f"{ONE}/choice", summary="选定候选学籍 · Choose a candidate")
    async def choose_one(
        handover_id: HandoverId, body: CandidateBody, grant: Annotated[Grant, choosing]
    ) -> HandoverState:
        """This record is the child's; it becomes the offer that clerk and leader confirm."""
        choice = Choice(handover_id, body.record_id, grant.role is Role.COUNTY)
        return await act_on_one(
            desk, grant, handover_id, lambda c, because: choose(acting, c, choice, because)
        )

    @router.post(f"{ONE}/rejection", summary="确认非同一人 · Reject a candidate")
    async def reject_one(
        handover_id: HandoverId, body: CandidateBody, grant: Annotated[Grant, rejecting]
    ) -> HandoverState:
        """This record is another child's; that is remembered and the search goes on without it."""
        choice = Choice(handover_id, body.record_id, grant.role is Role.COUNTY)
        return await act_on_one(
            desk,
            grant,
            handover_id,
            lambda c, because: reject_candidate(acting, c, choice, because),
        )


def _leave(router: APIRouter, desk: Desk, acting: Acting) -> None:
    @router.post(f"{ONE}/withdrawal", summary="移出名单 · Take a child off the list")
    async def withdraw_one(
        handover_id: HandoverId,
        body: ReasonBody,
        grant: Annotated[Grant, may(desk, Operation.HANDOVER_WITHDRAW)],
    ) -> HandoverState:
        """Possible until the offer is confirmed; another school may then claim the child."""
        return await act_on_one(
            desk,
            grant,
            handover_id,
            lambda c, because: withdraw(acting, c, handover_id, body.reason, because),
        )

    @router.post(f"{ONE}/reversal", status_code=202, summary="撤销调档 · Undo the passage")
    async def reverse_one(
        handover_id: HandoverId,
        body: ReasonBody,
        grant: Annotated[Grant, may(desk, Operation.HANDOVER_REVERSE)],
    ) -> HandoverState:
        """Both registers are undone one after the other; until then `reversing` is true."""
        return await act_on_one(
            desk,
            grant,
            handover_id,
            lambda c, because: begin_reversal(acting, c, handover_id, body.reason, because),
        )

    @router.post(f"{ONE}/resubmission", summary="退回后重报 · Hand in again after a return")
    async def resubmit_one(
        handover_id: HandoverId, grant: Annotated[Grant, may(desk, Operation.HANDOVER_RESUBMIT)]
    ) -> HandoverState:
        """The child is before the county again."""
        return await act_on_one(
            desk, grant, handover_id, lambda c, because: resubmit(acting, c, handover_id, because)
        )


async def _seen(desk: Desk, grant: Grant, handover_id: str, if_match: str | None) -> Seen:
    """The offer If-Match names; raise a problem where it is not the present one."""
    (handover,) = await require_handovers(desk, grant, [handover_id])
    if handover.state != State.OFFERED:
        return Seen(handover_id, "")  # the act itself says that its situation does not allow it
    offer_hash = handover.offer_hash or ""
    require_match(if_match, offer_hash)
    return Seen(handover_id, offer_hash)
