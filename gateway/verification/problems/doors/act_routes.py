"""The doors of people's acts on a problem record; each holds for the version that was looked at."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends

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
from gateway.web.routing import IfMatch, open_router
from gateway.web.targets import Target

ONE = "/v1/problems/{problem_id}"


def which(problem_id: ProblemId, if_match: IfMatch = None) -> Target:
    """The problem record an act is about."""
    return Target(problem_id, if_match)


Which = Annotated[Target, Depends(which)]


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
        problem: Which,
        body: ProposalBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_PROPOSE)],
    ) -> ProblemState:
        """Evidence, a change or deletion; a change that fails its check comes back at once."""
        proposal = body.proposal(desk.acting.document_kinds)
        return await desk.act(grant, problem, partial(propose, proposal=proposal))


def _confirm(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/confirmation", summary="主管领导审核 · Confirm the proposal")
    async def confirm_one(
        problem: Which,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_CONFIRM)],
    ) -> ProblemState:
        """Another person than the clerk confirms; then it is the county's turn."""
        return await desk.act(grant, problem, confirm)


def _reject(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/rejection", summary="退回 · Send back one step")
    async def reject_one(
        problem: Which,
        body: RemarkBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_REJECT)],
    ) -> ProblemState:
        """Whose turn it is sends it back to whoever handed it on, with the reason."""
        judge = partial(reject, role=grant.role, remark=body.remark)
        return await desk.act(grant, problem, judge)


def _decide(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/decision", summary="核办通过 · Accept the proposal")
    async def decide_one(
        problem: Which,
        body: DecisionBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_DECIDE)],
    ) -> ProblemState:
        """The office agrees, where both sides of the case lie under it."""
        judge = partial(accept, role=grant.role, remark=body.remark)
        return await desk.act(grant, problem, judge)


def _refer(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/referral", summary="报上级仲裁 · Refer for arbitration")
    async def refer_one(
        problem: Which,
        body: RemarkBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_REFER)],
    ) -> ProblemState:
        """County to province, province to ministry."""
        judge = partial(refer, role=grant.role, remark=body.remark)
        return await desk.act(grant, problem, judge)


def _close(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/closure", summary="直接办结 · End without a proposal")
    async def close_one(
        problem: Which,
        body: ClosureBody,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_CLOSE)],
    ) -> ProblemState:
        """Two persons, unfounded, or settled elsewhere; said with the reason."""
        end = partial(close, role=grant.role, resolution=body.resolution, remark=body.remark)
        return await desk.act(grant, problem, end)
