"""The doors of intake: hand a list in, confirm it, read what became of it."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation, Purpose, Role
from gateway.evidence import Action
from gateway.intake.doors.desk import Desk, because_of
from gateway.intake.doors.reading import intake_lines
from gateway.intake.doors.results import result_sheet
from gateway.intake.doors.sight import sight_of
from gateway.intake.doors.views import IntakeLines, IntakeView, view_intake, view_intake_line
from gateway.intake.handing_in.submission import Submission, school_year
from gateway.intake.lists import CSV, JSON, XLSX, ListRefused, read_list
from gateway.intake.moves import OFFICE_TIME
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.routing import media_type, open_router
from gateway.web.texts import KeptText

School = Annotated[str, Query(pattern=r"\A[0-9]{10}\z", description="机构标识码")]
PAGE = 500
LAST_LINE = 2**31 - 1
_KINDS = {
    "body_too_large": Kind.TOO_LARGE,
    "too_many_rows": Kind.TOO_LARGE,
    "unsupported_type": Kind.UNSUPPORTED_MEDIA_TYPE,
    **dict.fromkeys(
        ("broken_json", "json_number", "json_duplicate_key", "json_surrogate"), Kind.JSON_REFUSED
    ),
}
# The list is read from the raw body, so that the document has to be told.
_ROWS = {"type": "array", "items": {"type": "object"}}
_LIST_BODY = {
    "required": True,
    "description": "名单本身 · The list itself.",
    "content": {
        XLSX: {"schema": {"type": "string", "format": "binary"}},
        CSV: {"schema": {"type": "string"}},
        JSON: {"schema": {"type": "object", "required": ["rows"], "properties": {"rows": _ROWS}}},
    },
}


class ListConfirmation(BaseModel):
    """The county's confirmation of a list: the reference of its decision or signed list."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[KeptText, Field(min_length=1, max_length=64)]


def intake_routes(desk: Desk) -> APIRouter:
    """The routes of lists."""
    router = open_router("intake")

    def may(operation: Operation) -> Any:
        return Depends(Admission(desk.access, operation))

    @router.post(
        "/v1/intakes",
        status_code=202,
        summary="提交接续名单 · Hand in a list",
        openapi_extra={"requestBody": _LIST_BODY},
    )
    async def submit(
        request: Request,
        response: Response,
        school: School,
        grant: Annotated[Grant, may(Operation.INTAKE_SUBMIT)],
    ) -> IntakeView:
        """One handover per row, durable before the answer; the same list again is the same intake.

        The body is the list itself: xlsx, CSV (UTF-8 or GB18030) or JSON `{"rows": [{…}]}` with
        the columns 序号, 姓名, 性别, 出生日期, 身份证件类型, 身份证件号, 学籍号, 是否报到,
        报到日期.
        """
        area = await desk.require_school(grant, school)
        intake_id = await _receive(
            desk, await request.body(), media_type(request), school, area, grant
        )
        response.headers["Location"] = f"/v1/intakes/{intake_id}"
        return view_intake(await desk.find_intake(grant, intake_id), desk.wordings)

    @router.get("/v1/intakes/{intake_id}", summary="名单进展 · How a list stands")
    async def read(
        intake_id: str, grant: Annotated[Grant, may(Operation.INTAKE_READ)]
    ) -> IntakeView:
        """Counts by situation, each with whose turn it is and what to do."""
        return view_intake(await desk.find_intake(grant, intake_id), desk.wordings)

    @router.get("/v1/intakes/{intake_id}/rows", summary="逐行结果 · The rows one by one")
    async def rows(
        intake_id: str,
        grant: Annotated[Grant, may(Operation.INTAKE_READ)],
        after: Annotated[int, Query(ge=0, le=LAST_LINE)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> IntakeLines:
        """Every row in the order of the file, with the child's number once it is known."""
        await desk.find_intake(grant, intake_id)
        async with desk.database.transaction() as connection:
            lines = await intake_lines(connection, desk.sealer, intake_id, after, limit)
            viewed = grant.entry(Action.RECORD_VIEWED, "rows", intake_id, rows=str(len(lines)))
            await desk.log.append(connection, [viewed])
        return IntakeLines(
            rows=[view_intake_line(line, desk.wordings, sight_of(grant)) for line in lines],
            next=lines[-1].line if len(lines) == limit else None,
        )

    @router.get(
        "/v1/intakes/{intake_id}/result-sheet",
        summary="结果表 · The result sheet",
        response_class=Response,
        responses={200: {"content": {XLSX: {}}, "description": "An xlsx workbook."}},
    )
    async def sheet(
        intake_id: str, grant: Annotated[Grant, may(Operation.INTAKE_READ)]
    ) -> Response:
        """The results as a workbook, with a sheet of rows to correct and hand in again."""
        await desk.find_intake(grant, intake_id)
        if grant.purpose is not Purpose.ENROLMENT:  # the only one that needs names and numbers
            await desk.access.refuse(grant, "purpose")
        # Read apart from the entry: thousands of rows take longer than other writers should wait.
        async with desk.database.reading() as connection:
            content = await result_sheet(
                connection, desk.sealer, desk.wordings, sight_of(grant), intake_id
            )
        async with desk.database.transaction() as connection:
            await desk.log.append(
                connection, [grant.entry(Action.INTAKE_EXPORTED, "xlsx", intake_id)]
            )
        return Response(content, media_type=XLSX)

    @router.post("/v1/intakes/{intake_id}/confirmation", summary="县级确认名单 · Confirm a list")
    async def confirm(
        intake_id: str,
        confirmation: ListConfirmation,
        grant: Annotated[Grant, may(Operation.INTAKE_CONFIRM)],
    ) -> IntakeView:
        """The list counts as confirmed; its children are looked up as they report."""
        await desk.find_intake(grant, intake_id)
        because = because_of(grant, "list_confirmed")
        async with desk.database.transaction() as connection:
            await desk.confirming.confirm(connection, intake_id, confirmation.reference, because)
        return view_intake(await desk.find_intake(grant, intake_id), desk.wordings)

    return router


async def _receive(
    desk: Desk, content: bytes, content_type: str, school: str, area: str, grant: Grant
) -> str:
    now = desk.clock.now()
    try:
        listed = read_list(content, content_type, desk.limits)
        submission = Submission(
            school=school,
            area=area,
            school_year=school_year(now.astimezone(OFFICE_TIME).date()),
            content_hash=hashlib.sha256(content).hexdigest(),
            rows=listed.rows,
            confirmed=grant.role is Role.COUNTY,
            actor=grant.actor,
            purpose=str(grant.purpose or ""),
            basis=grant.basis,
            case=grant.case,
            trace_id=grant.trace_id,
        )
        async with desk.database.transaction() as connection:
            received = await desk.receiving.receive(connection, submission, now)
            if received.known and submission.confirmed:
                # The county handing in what a school did is the county confirming it.
                because = because_of(grant, "list_confirmed")
                await desk.confirming.confirm(connection, received.intake_id, grant.case, because)
            return received.intake_id
    except ListRefused as refused:
        await _record_refusal(desk, refused, school, grant)
        raise _problem(refused) from None


async def _record_refusal(desk: Desk, refused: ListRefused, school: str, grant: Grant) -> None:
    place = {"line": str(refused.line)} if refused.line else {}
    entry = grant.entry(Action.INTAKE_REFUSED, refused.reason, school=school, **place)
    async with desk.database.transaction() as connection:
        await desk.log.append(connection, [entry])


def _problem(refused: ListRefused) -> Problem:
    place = f"#/rows/{refused.line}" if refused.line else "#"
    fault = Fault(
        refused.reason,
        f"{place}/{refused.column}" if refused.column else place,
        refused.message_zh,
        refused.message_en,
        refused.remedy_zh,
        refused.remedy_en,
    )
    return Problem(_KINDS.get(refused.reason, Kind.INVALID_REQUEST), [fault])
