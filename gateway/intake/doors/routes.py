"""The doors of intake: hand a list in, confirm it, read what became of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation, Purpose
from gateway.evidence import Action
from gateway.intake.doors.desk import Desk, because_of
from gateway.intake.doors.lines import intake_lines
from gateway.intake.doors.results import result_sheet
from gateway.intake.doors.sight import sight_of
from gateway.intake.doors.taking_in import receive_list
from gateway.intake.doors.views import IntakeLines, IntakeView, view_intake, view_intake_line
from gateway.intake.lists import CSV, JSON, XLSX
from gateway.web.routing import media_type, open_router
from gateway.web.texts import KeptText

School = Annotated[str, Query(pattern=r"\A[0-9]{10}\z", description="机构标识码")]
PAGE = 500
LAST_LINE = 2**31 - 1
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
    _submit(router, desk)
    _read(router, desk)
    _rows(router, desk)
    _sheet(router, desk)
    _confirm(router, desk)
    return router


def _may(desk: Desk, operation: Operation) -> Any:
    return Depends(Admission(desk.access, operation))


def _submit(router: APIRouter, desk: Desk) -> None:
    submitting = _may(desk, Operation.INTAKE_SUBMIT)

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
        grant: Annotated[Grant, submitting],
    ) -> IntakeView:
        """One handover per row, durable before the answer; the same list again is the same intake.

        The body is the list itself: xlsx, CSV (UTF-8 or GB18030) or JSON `{"rows": [{…}]}` with
        the columns 序号, 姓名, 性别, 出生日期, 身份证件类型, 身份证件号, 学籍号, 是否报到,
        报到日期.
        """
        area = await desk.require_school(grant, school)
        intake_id = await receive_list(
            desk, await request.body(), media_type(request), school, area, grant
        )
        response.headers["Location"] = f"/v1/intakes/{intake_id}"
        return view_intake(await desk.find_intake(grant, intake_id), desk.wordings)


def _read(router: APIRouter, desk: Desk) -> None:
    reading = _may(desk, Operation.INTAKE_READ)

    @router.get("/v1/intakes/{intake_id}", summary="名单进展 · How a list stands")
    async def read(intake_id: str, grant: Annotated[Grant, reading]) -> IntakeView:
        """Counts by situation, each with whose turn it is and what to do."""
        return view_intake(await desk.find_intake(grant, intake_id), desk.wordings)


def _rows(router: APIRouter, desk: Desk) -> None:
    reading = _may(desk, Operation.INTAKE_READ)

    @router.get("/v1/intakes/{intake_id}/rows", summary="逐行结果 · The rows one by one")
    async def rows(
        intake_id: str,
        grant: Annotated[Grant, reading],
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


def _sheet(router: APIRouter, desk: Desk) -> None:
    reading = _may(desk, Operation.INTAKE_READ)

    @router.get(
        "/v1/intakes/{intake_id}/result-sheet",
        summary="结果表 · The result sheet",
        response_class=Response,
        responses={200: {"content": {XLSX: {}}, "description": "An xlsx workbook."}},
    )
    async def sheet(intake_id: str, grant: Annotated[Grant, reading]) -> Response:
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


def _confirm(router: APIRouter, desk: Desk) -> None:
    confirming = _may(desk, Operation.INTAKE_CONFIRM)

    @router.post("/v1/intakes/{intake_id}/confirmation", summary="县级确认名单 · Confirm a list")
    async def confirm(
        intake_id: str,
        confirmation: ListConfirmation,
        grant: Annotated[Grant, confirming],
    ) -> IntakeView:
        """The list counts as confirmed; its children are looked up as they report."""
        await desk.find_intake(grant, intake_id)
        because = because_of(grant, "list_confirmed")
        async with desk.database.transaction() as connection:
            await desk.confirming.confirm(connection, intake_id, confirmation.reference, because)
        return view_intake(await desk.find_intake(grant, intake_id), desk.wordings)
