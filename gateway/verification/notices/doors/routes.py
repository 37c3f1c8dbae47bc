"""The doors of notices: POST /v1/identity-notices, and the county's corrections."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from gateway.access.grants import Grant
from gateway.access.looks.looking import Look
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.evidence import Action
from gateway.verification.notices.doors.bodies import (
    CorrectionRejected,
    NoticesSent,
    NoticesWithdrawn,
    read_notices,
)
from gateway.verification.notices.doors.desk import Desk, tag_of
from gateway.verification.notices.doors.views import (
    CorrectionLine,
    CorrectionList,
    CorrectionView,
    NoticeReceipt,
    view_correction,
    view_line,
)
from gateway.verification.notices.notice import list_corrections
from gateway.verification.notices.rules import State
from gateway.web.idempotency import Wish
from gateway.web.preconditions import idempotency_key
from gateway.web.routing import IfMatch, open_router
from gateway.web.targets import Target

NOTICES = "/v1/identity-notices"
PATH = "/v1/identity-corrections"
ONE = f"{PATH}/{{correction_id}}"
PAGE = 200

CorrectionId = Annotated[str, Path(max_length=32)]


def which(correction_id: CorrectionId, if_match: IfMatch = None) -> Target:
    """The correction an act is about."""
    return Target(correction_id, if_match)


Which = Annotated[Target, Depends(which)]


def notice_routes(desk: Desk) -> APIRouter:
    """The routes of notices and corrections."""
    router = open_router("identity notices")
    _send(router, desk)
    _withdraw(router, desk)
    _list(router, desk)
    _read(router, desk)
    _propose(router, desk)
    _confirm(router, desk)
    _reject(router, desk)
    return router


def may(desk: Desk, operation: Operation) -> Any:
    """The dependency that admits requests to one operation."""
    return Depends(Admission(desk.access, operation))


def _send(router: APIRouter, desk: Desk) -> None:
    @router.post(NOTICES, status_code=202, summary="公安变更通知 · Notices of changed identities")
    async def send(
        request: Request,
        body: NoticesSent,
        grant: Annotated[Grant, may(desk, Operation.NOTICE_SEND)],
        repeatable: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> NoticeReceipt:
        """Kept and put before the county; nothing of any record is changed, and nothing told."""
        notices = read_notices(body)
        wish = _wish(desk, grant, repeatable, await request.body())
        async with desk.acting() as connection:
            receipt_id = await desk.taking.take(connection, grant, notices, wish)
        return NoticeReceipt(receipt_id=receipt_id, received=len(notices))


def _withdraw(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{NOTICES}/{{receipt_id}}/withdrawal", summary="撤回通知 · Take notices back")
    async def withdraw(
        receipt_id: Annotated[str, Path(max_length=32)],
        body: NoticesWithdrawn,
        grant: Annotated[Grant, may(desk, Operation.NOTICE_WITHDRAW)],
    ) -> NoticeReceipt:
        """Undecided corrections end; what was carried out is put before the county to be undone."""
        async with desk.acting() as connection:
            taken = await desk.withdrawing.withdraw(
                connection, grant, receipt_id, body.places, body.remark
            )
        if not taken:
            await desk.access.refuse(grant, "absent")
        return NoticeReceipt(receipt_id=receipt_id, received=taken)


def _list(router: APIRouter, desk: Desk) -> None:
    @router.get(PATH, summary="待核实的身份变更 · Corrections in quarantine")
    async def listed(
        grant: Annotated[Grant, may(desk, Operation.CORRECTIONS_READ)],
        state: State | None = None,
        after: Annotated[str, Query(max_length=32)] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> CorrectionList:
        """The corrections within the office's reach, in a stable order; no child is named."""
        async with desk.database.transaction() as connection:
            found = await list_corrections(connection, grant.scope.value, state, after, limit)
            await desk.log.append(connection, [grant.entry(Action.SEARCH, "identity_corrections")])
        following = found[-1].correction_id if len(found) == limit else None
        return CorrectionList(corrections=[view_line(one) for one in found], next=following)


def _read(router: APIRouter, desk: Desk) -> None:
    @router.get(ONE, summary="单个身份变更 · One correction with its chain of effects")
    async def read(
        correction_id: CorrectionId,
        response: Response,
        grant: Annotated[Grant, may(desk, Operation.CORRECTION_READ)],
    ) -> CorrectionView:
        """What the unit says, what the record says, and everything that would follow."""
        await desk.find(grant, correction_id)
        async with desk.acting() as connection:
            looked = await desk.looking.look(connection, correction_id)
            viewed = grant.entry(Action.RECORD_VIEWED, "identity_correction", correction_id)
            await desk.log.append(connection, [viewed])
            await desk.access.looks.note(connection, grant, [Look(correction_id)])
        response.headers["ETag"] = tag_of(looked)
        return view_correction(looked)


def _propose(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/proposal", summary="县级核实 · The first person proposes it")
    async def propose(
        correction: Which,
        grant: Annotated[Grant, may(desk, Operation.CORRECTION_DECIDE)],
    ) -> CorrectionLine:
        """Bound to the chain of effects that was shown."""
        return view_line(await desk.act(grant, correction, desk.deciding.propose))


def _confirm(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/confirmation", summary="县级确认 · A second person confirms it")
    async def confirm(
        correction: Which,
        grant: Annotated[Grant, may(desk, Operation.CORRECTION_DECIDE)],
    ) -> CorrectionLine:
        """Another person than the first; only now anything is changed, and verified again."""
        return view_line(await desk.act(grant, correction, desk.deciding.confirm))


def _reject(router: APIRouter, desk: Desk) -> None:
    @router.post(f"{ONE}/rejection", summary="不予采纳 · The notice does not fit")
    async def reject(
        correction: Which,
        body: CorrectionRejected,
        grant: Annotated[Grant, may(desk, Operation.CORRECTION_DECIDE)],
    ) -> CorrectionLine:
        """The record stays as it is; the reason is on record."""
        judge = partial(desk.deciding.reject, remark=body.remark)
        return view_line(await desk.act(grant, correction, judge))


def _wish(desk: Desk, grant: Grant, header: str | None, body: bytes) -> Wish | None:
    key = idempotency_key(header)
    if key is None:
        return None
    content = f"{NOTICES} {grant.purpose} {grant.case} {grant.user}"
    return desk.keys.wish(grant.caller, key, content, body)
