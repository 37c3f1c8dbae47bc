"""The routes of a batch's result: pages of rows for programs, sheets for people."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.sheets.reading import CSV, XLSX
from gateway.verification.batches.doors.desk import Desk
from gateway.verification.batches.doors.routes import PATH, BatchId
from gateway.verification.batches.doors.views import BatchRows, view_rows
from gateway.verification.batches.rows import ROWS_A_CHUNK
from gateway.verification.batches.sheets import csv_sheet, xlsx_sheet
from gateway.web.routing import open_router

LAST_ORDINAL = 2**31 - 1


def batch_result_routes(desk: Desk) -> APIRouter:
    """The routes of results."""
    router = open_router("verification batches")
    admitted = Depends(Admission(desk.access, Operation.VERIFICATION_READ))

    @router.get(f"{PATH}/{{batch_id}}/rows", summary="逐行结果 · The rows one by one")
    async def rows(
        batch_id: BatchId,
        grant: Annotated[Grant, admitted],
        after: Annotated[int, Query(ge=0, le=LAST_ORDINAL)] = 0,
        limit: Annotated[int, Query(ge=1, le=ROWS_A_CHUNK)] = ROWS_A_CHUNK,
    ) -> BatchRows:
        """Every row in the order of the file; a page may hold fewer than `limit`."""
        results = await desk.results(grant, batch_id, "rows")
        return view_rows(await results.after(after, limit))

    @router.get(
        f"{PATH}/{{batch_id}}/result.xlsx",
        summary="结果表 · The result as a workbook",
        response_class=StreamingResponse,
        responses={200: {"content": {XLSX: {}}, "description": "An xlsx workbook."}},
    )
    async def workbook(batch_id: BatchId, grant: Annotated[Grant, admitted]) -> StreamingResponse:
        """Each row as it was handed in, with what the register says; for people."""
        results = await desk.results(grant, batch_id, "xlsx")
        return StreamingResponse(xlsx_sheet(results), media_type=XLSX)

    @router.get(
        f"{PATH}/{{batch_id}}/result.csv",
        summary="结果 CSV · The result as CSV",
        response_class=StreamingResponse,
        responses={200: {"content": {CSV: {}}, "description": "UTF-8 with byte order mark."}},
    )
    async def table(batch_id: BatchId, grant: Annotated[Grant, admitted]) -> StreamingResponse:
        """The same for programs; a text that begins like a formula is led by an apostrophe."""
        results = await desk.results(grant, batch_id, "csv")
        return StreamingResponse(csv_sheet(results), media_type=CSV)

    return router
