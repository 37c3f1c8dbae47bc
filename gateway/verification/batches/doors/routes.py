"""The routes of batches: hand one in, read how it stands, pause, resume or cancel it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation, Reach
from gateway.evidence import Action
from gateway.sheets.faults import ListRefused
from gateway.sheets.reading import CSV, JSON, XLSX
from gateway.verification.batches.doors.desk import Desk
from gateway.verification.batches.doors.views import BatchView, view_batch
from gateway.verification.batches.progress import Progress
from gateway.verification.batches.receiving import HandedIn
from gateway.verification.batches.steering import Wish
from gateway.web.idempotency import Wish as Repeatable
from gateway.web.preconditions import idempotency_key
from gateway.web.refused_sheets import sheet_problem
from gateway.web.routing import media_type, open_router

PATH = "/v1/verification-batches"
BatchId = Annotated[str, Path(max_length=32)]
_ROWS = {"type": "array", "items": {"type": "object"}}
# The sheet is read from the raw body, so that the document has to be told.
_SHEET_BODY = {
    "required": True,
    "description": "名单本身 · The sheet itself.",
    "content": {
        XLSX: {"schema": {"type": "string", "format": "binary"}},
        CSV: {"schema": {"type": "string"}},
        JSON: {"schema": {"type": "object", "required": ["rows"], "properties": {"rows": _ROWS}}},
    },
}


class Asked(BaseModel):
    """What is to be done with a sheet: whose records, which register, whether problems open."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    school: Annotated[str | None, Field(pattern=r"\A[0-9]{10}\z")] = None
    system: Annotated[str | None, Field(max_length=32)] = None
    open_problems: bool = False


def batch_routes(desk: Desk) -> APIRouter:
    """The routes of whole batches."""
    router = open_router("verification batches")

    def may(operation: Operation) -> Any:
        return Depends(Admission(desk.access, operation))

    @router.post(
        PATH,
        status_code=202,
        summary="批量核验 · Verify a sheet",
        openapi_extra={"requestBody": _SHEET_BODY},
    )
    async def hand_in(
        request: Request,
        response: Response,
        grant: Annotated[Grant, may(Operation.VERIFICATION_ASK)],
        asked: Annotated[Asked, Query()],
        key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> BatchView:
        """Up to a million rows, durable before the answer; identical ones are asked once.

        The body is the sheet itself: xlsx, CSV (UTF-8 or GB18030) or JSON `{"rows": [{…}]}` with
        the columns 姓名 and 身份证件号; 序号, 性别, 出生日期 and 身份证件类型 may be there. With
        `open_problems` an answer is noted on the record that makes the same claim, where the caller
        holds it: a school its own, a county those of its schools. `school` narrows that to one,
        `system` names a register other than the one for the caller's area.
        """
        batch_id = await _receive(desk, grant, await _handed_in(desk, request, grant, asked, key))
        response.headers["Location"] = f"{PATH}/{batch_id}"
        return await _view(desk, grant, await desk.find(grant, batch_id))

    @router.get(f"{PATH}/{{batch_id}}", summary="批量核验进展 · How a batch stands")
    async def read(
        batch_id: BatchId, grant: Annotated[Grant, may(Operation.VERIFICATION_READ)]
    ) -> BatchView:
        """Counts by outcome, pace and estimated end; no row."""
        return await _view(desk, grant, await desk.find(grant, batch_id))

    return router


def steering_routes(desk: Desk) -> APIRouter:
    """The routes that stop a batch and let it go on."""
    router = open_router("verification batches")
    admitted = Depends(Admission(desk.access, Operation.VERIFICATION_STEER))

    @router.post(f"{PATH}/{{batch_id}}/pause", summary="暂停 · Pause a batch")
    async def pause(batch_id: BatchId, grant: Annotated[Grant, admitted]) -> BatchView:
        """Nothing more is asked; what has left is waited for and kept."""
        return await _view(desk, grant, await desk.steer(grant, batch_id, Wish.PAUSE))

    @router.post(f"{PATH}/{{batch_id}}/resume", summary="继续 · Let a batch go on")
    async def resume(batch_id: BatchId, grant: Annotated[Grant, admitted]) -> BatchView:
        """The rows without an answer are asked on; `calls_left` says in how many calls."""
        return await _view(desk, grant, await desk.steer(grant, batch_id, Wish.RESUME))

    @router.post(f"{PATH}/{{batch_id}}/cancel", summary="取消 · Cancel a batch")
    async def cancel(batch_id: BatchId, grant: Annotated[Grant, admitted]) -> BatchView:
        """Nothing more is asked, ever; answers that came stay."""
        return await _view(desk, grant, await desk.steer(grant, batch_id, Wish.CANCEL))

    return router


async def _handed_in(
    desk: Desk, request: Request, grant: Grant, asked: Asked, header: str | None
) -> HandedIn:
    own = grant.institution if grant.scope.reach is Reach.INSTITUTION else ""
    if asked.school is not None:
        await desk.require_school(grant, asked.school)
    key = idempotency_key(header)

    def repeatable(digest: bytes) -> Repeatable | None:
        operation = f"{PATH} {grant.purpose} {grant.case} {asked.model_dump_json()}"
        return None if key is None else desk.keys.wish(grant.caller, key, operation, digest)

    return HandedIn(
        grant=grant,
        system=desk.dialect(grant, asked.system).system,
        school=asked.school or own,
        opens_problems=asked.open_problems,
        media_type=media_type(request),
        pieces=request.stream(),
        wish=repeatable,
    )


async def _receive(desk: Desk, grant: Grant, handed: HandedIn) -> str:
    try:
        return await desk.receiving.receive(handed)
    except ListRefused as refused:
        place = {"line": str(refused.line)} if refused.line else {}
        entry = grant.entry(Action.INTAKE_REFUSED, refused.reason, sheet="batch", **place)
        async with desk.database.transaction() as connection:
            await desk.log.append(connection, [entry])
        raise sheet_problem(refused) from None


async def _view(desk: Desk, grant: Grant, batch: Progress) -> BatchView:
    return view_batch(batch, await desk.outlook(batch), grant.role)
