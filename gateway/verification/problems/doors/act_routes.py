"""The doors of people's acts on a problem record; each holds for the version that was looked at."""

from typing import Annotated

from fastapi import APIRouter, Header

from gateway.access.grants import Grant
from gateway.access.vocabulary import Operation
from gateway.verification.problems.acts.deciding import accept, close, refer, reject
from gateway.verification.problems.acts.proposing import confirm, propose
from gateway.verification.problems.doors.bodies import (
    ClosureBody,
    DecisionBody,
    ProposalBody,
    RemarkBody,
)
from gateway.verification.problems.doors.desk import Desk
from gateway.verification.problems.doors.routes import ProblemId, may
from gateway.verification.problems.doors.views import ProblemState
from gateway.web.routing import open_router

ONE = "/v1/problems/{problem_id}"
IfMatch = Annotated[str | None, Header(description="The ETag of what was looked at.")]


def problem_act_routes(desk: Desk) -> APIRouter:
    """The routes of what people do."""
    router = open_router("problems")
    _propose(router, desk)
    _confirm(router, desk)
    _reject(router, desk)
    _decide(router, desk)
    _refer(router, desk)
    _close(router, desk)
    return router


def _propose(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/proposal", summary="提交处理方式 · Propose a remedy")
    async def propose_one(
        problem_id: ProblemId,
        body: ProposalBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_PROPOSE)],
        if_match: IfMatch = None,
    ) -> ProblemState:
        """Evidence, a change or deletion; a change that fails its check comes back at once."""
        acting = desk.acting
        proposal = body.proposal(acting.document_kinds)
        return await desk.act(
            grant,
            problem_id,
            if_match,
            lambda c, because: propose(acting, c, problem_id, proposal, because),
        )


def _confirm(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/confirmation", summary="主管领导审核 · Confirm the proposal")
    async def confirm_one(
        problem_id: ProblemId,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_CONFIRM)],
        if_match: IfMatch = None,
    ) -> ProblemState:
        """Another person than the clerk confirms; then it is the county's turn."""
        return await desk.act(
            grant,
            problem_id,
            if_match,
            lambda c, because: confirm(desk.acting, c, problem_id, because),
        )


def _reject(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/rejection", summary="退回 · Send back one step")
    async def reject_one(
        problem_id: ProblemId,
        body: RemarkBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_REJECT)],
        if_match: IfMatch = None,
    ) -> ProblemState:
        """Whose turn it is sends it back to whoever handed it on, with the reason."""
        return await desk.act(
            grant,
            problem_id,
            if_match,
            lambda c, b: reject(desk.acting, c, problem_id, grant.role, body.remark, b),
        )


def _decide(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/decision", summary="核办通过 · Accept the proposal")
    async def decide_one(
        problem_id: ProblemId,
        body: DecisionBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_DECIDE)],
        if_match: IfMatch = None,
    ) -> ProblemState:
        """The office agrees, where both sides of the case lie under it."""
        return await desk.act(
            grant,
            problem_id,
            if_match,
            lambda c, b: accept(desk.acting, c, problem_id, grant.role, body.remark, b),
        )


def _refer(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/referral", summary="报上级仲裁 · Refer for arbitration")
    async def refer_one(
        problem_id: ProblemId,
        body: RemarkBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_REFER)],
        if_match: IfMatch = None,
    ) -> ProblemState:
        """County to province, province to ministry."""
        return await desk.act(
            grant,
            problem_id,
            if_match,
            lambda c, b: refer(desk.acting, c, problem_id, grant.role, body.remark, b),
        )


def _close(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/closure", summary="直接办结 · End without a proposal")
    async def close_one(
        problem_id: ProblemId,
        body: ClosureBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_CLOSE)],
        if_match: IfMatch = None,
    ) -> ProblemState:
        """Two persons, unfounded, or settled elsewhere; said with the reason."""
        acting, role = desk.acting, grant.role
        return await desk.act(
            grant,
            problem_id,
            if_match,
            lambda c, b: close(acting, c, problem_id, role, body.resolution, body.remark, b),
        )
