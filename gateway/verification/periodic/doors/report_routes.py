"""The doors of the report: differences page by page, old temporary numbers, all as a workbook."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Response

from gateway.access.grants import Grant
from gateway.access.vocabulary import Operation
from gateway.evidence import Action
from gateway.sheets.reading import XLSX
from gateway.verification.periodic.doors.desk import Desk, shows_values
from gateway.verification.periodic.doors.routes import (
    ONE,
    PAGE,
    After,
    Limit,
    RoundId,
    may,
    school_page,
)
from gateway.verification.periodic.doors.sheet import write_periodic_report
from gateway.verification.periodic.doors.showing import view_difference, view_temporary
from gateway.verification.periodic.doors.views import (
    DifferenceView,
    PeriodicReport,
    SchoolView,
    TemporaryList,
    TemporaryView,
)
from gateway.verification.periodic.round import Round
from gateway.web.routing import open_router


def report_routes(desk: Desk) -> APIRouter:
    """The routes of the report."""
    router = open_router("periodic verification")
    _report(router, desk)
    _temporaries(router, desk)
    _sheet(router, desk)
    return router


def _report(router: APIRouter, desk: Desk) -> None:
    @router.get(f"{ONE}/report", summary="人籍不一致报告 · The report")
    async def report(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_READ)],
        after: After = "",
        limit: Limit = PAGE,
    ) -> PeriodicReport:
        """What signed rosters and, once the round is closed, records on no roster show."""
        begun = await desk.find(grant, round_id)
        found = await _differences(desk, grant, begun, after, limit)
        await desk.note(grant, Action.RECORD_VIEWED, "periodic_report", round_id)
        return PeriodicReport(
            round_id=round_id,
            state=begun.state,
            differences=found,
            next=found[-1].difference_id if len(found) == limit else None,
        )


def _temporaries(router: APIRouter, desk: Desk) -> None:
    @router.get(f"{ONE}/temporary-numbers", summary="久未转正的临时学籍号 · Old L numbers")
    async def temporaries(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_READ)],
        after: After = "",
        limit: Limit = PAGE,
    ) -> TemporaryList:
        """Records whose temporary number is in force for longer than it should be."""
        begun = await desk.find(grant, round_id)
        found = await _old(desk, grant, begun, after, limit)
        await desk.note(grant, Action.RECORD_VIEWED, "temporary_numbers", round_id)
        following = found[-1].record if len(found) == limit else None
        return TemporaryList(temporaries=found, next=following)


def _sheet(router: APIRouter, desk: Desk) -> None:
    @router.get(
        f"{ONE}/report.xlsx",
        summary="人籍不一致报告（表格） · The report as a workbook",
        response_class=Response,
        responses={200: {"content": {XLSX: {}}, "description": "An xlsx workbook."}},
    )
    async def sheet(
        round_id: RoundId,
        grant: Annotated[Grant, may(desk, Operation.PERIODIC_EXPORT)],
    ) -> Response:
        """Differences, schools and old temporary numbers within the caller's reach."""
        begun = await desk.find(grant, round_id)
        differences, schools, old = await _everything(desk, grant, begun)
        content = await asyncio.to_thread(write_periodic_report, differences, schools, old)
        await desk.note(grant, Action.PERIODIC_EXPORTED, "xlsx", round_id)
        return Response(content, media_type=XLSX)


async def _everything(
    desk: Desk, grant: Grant, begun: Round
) -> tuple[list[DifferenceView], list[SchoolView], list[TemporaryView]]:
    differences: list[DifferenceView] = []
    last = ""
    while page := await _differences(desk, grant, begun, last, PAGE):
        differences += page
        last = page[-1].difference_id
    schools: list[SchoolView] = []
    code = ""
    while part := await school_page(desk, grant, begun, code, PAGE):
        schools += part
        code = part[-1].school
    old: list[TemporaryView] = []
    while some := await _old(desk, grant, begun, old[-1].record if old else "", PAGE):
        old += some
    return differences, schools, old


async def _differences(
    desk: Desk, grant: Grant, begun: Round, after: str, limit: int
) -> list[DifferenceView]:
    async with desk.database.reading() as connection:
        found = await desk.reporting.differences(
            connection, begun, grant.scope, after, limit, values=shows_values(grant)
        )
    return [view_difference(one) for one in found]


async def _old(
    desk: Desk, grant: Grant, begun: Round, after: str, limit: int
) -> list[TemporaryView]:
    now = desk.clock.now()
    async with desk.database.reading() as connection:
        found = await desk.reporting.temporaries(
            connection,
            begun,
            grant.scope,
            now - desk.old_before,
            after,
            limit,
            values=shows_values(grant),
        )
    return [view_temporary(one, now) for one in found]
