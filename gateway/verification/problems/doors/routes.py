"""The doors that show problem records: the list, the counts, the county's sheet, one in full."""

import asyncio
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from gateway.access.grants import Grant
from gateway.access.looks.looking import Look
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.evidence import Action
from gateway.verification.problems.doors.desk import Desk, tag_of
from gateway.verification.problems.doors.listing import Wanted, list_records, opened_before, tally
from gateway.verification.problems.doors.reading import read_lines, read_whole
from gateway.verification.problems.doors.sheet import write_problem_sheet
from gateway.verification.problems.doors.showing import view_line, view_tally, view_whole
from gateway.verification.problems.doors.sight import Sight, sight_of
from gateway.verification.problems.doors.views import (
    ProblemCounts,
    ProblemLine,
    ProblemList,
    ProblemTally,
    ProblemView,
)
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.rules.states import State
from gateway.web.routing import open_router

PAGE = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AREA = r"\A[0-9]{6}\z"

ProblemId = Annotated[str, Path(max_length=32)]


def may(desk: Desk, operation: Operation) -> Any:
    """The dependency that admits requests to one operation."""
    return Depends(Admission(desk.access, operation))


def problem_routes(desk: Desk) -> APIRouter:
    """The routes that show problem records."""
    router = open_router("problems")
    _list(router, desk)
    _count(router, desk)
    _sheet(router, desk)
    _read(router, desk)
    return router


def _list(router: APIRouter, desk: Desk) -> None:
    @router.get("/v1/problems", summary="问题学籍清单 · The list of problem records")
    async def listed(
        grant: Annotated[Grant, may(desk, Operation.PROBLEMS_READ)],
        county: Annotated[str | None, Query(pattern=AREA)] = None,
        school: Annotated[str | None, Query(max_length=10)] = None,
        problem_class: Annotated[ProblemClass | None, Query(alias="class")] = None,
        state: State | None = None,
        owner: Annotated[str | None, Query(max_length=64)] = None,
        older_than_days: Annotated[int | None, Query(ge=0, le=36500)] = None,
        due_before: date | None = None,
        after: Annotated[str, Query(max_length=32)] = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> ProblemList:
        """The records within the caller's reach, in a stable order; closed ones by their state."""
        sight, now = sight_of(grant), desk.clock.now()
        opened = opened_before(now, older_than_days)
        wanted = Wanted(sight, county, school, problem_class, state, owner, opened, due_before)
        lines = await _page(desk, wanted, after, limit)
        await _note(desk, grant, Action.SEARCH, "problems")
        full = len(lines) == limit
        return ProblemList(problems=lines, next=lines[-1].problem_id if full else None)


def _count(router: APIRouter, desk: Desk) -> None:
    @router.get("/v1/problems/counts", summary="问题学籍统计 · Counts by class")
    async def counted(
        grant: Annotated[Grant, may(desk, Operation.PROBLEMS_READ)],
    ) -> ProblemCounts:
        """For each county and class what was found, closed, still stands and is overdue."""
        rows = await _tallies(desk, sight_of(grant))
        await _note(desk, grant, Action.SEARCH, "problem_counts")
        return ProblemCounts(rows=rows)


def _sheet(router: APIRouter, desk: Desk) -> None:
    @router.get(
        "/v1/problems/sheet",
        summary="问题学籍清单（表格） · The list as a workbook",
        response_class=Response,
        responses={200: {"content": {XLSX: {}}, "description": "An xlsx workbook."}},
    )
    async def sheet(
        grant: Annotated[Grant, may(desk, Operation.PROBLEMS_EXPORT)],
    ) -> Response:
        """Every record that stands within the office's reach, and the counts."""
        sight = sight_of(grant)
        lines: list[ProblemLine] = []
        while page := await _page(desk, Wanted(sight), lines[-1].problem_id if lines else "", PAGE):
            lines += page
        rows = await _tallies(desk, sight)
        # Seconds of work for the largest county: others are answered meanwhile.
        content = await asyncio.to_thread(write_problem_sheet, lines, rows)
        await _note(desk, grant, Action.PROBLEM_EXPORTED, "xlsx")
        return Response(content, media_type=XLSX)


def _read(router: APIRouter, desk: Desk) -> None:
    @router.get("/v1/problems/{problem_id}", summary="单个问题学籍 · One problem record in full")
    async def read(
        problem_id: ProblemId,
        response: Response,
        grant: Annotated[Grant, may(desk, Operation.PROBLEM_READ)],
    ) -> ProblemView:
        """What was found, what is proposed, and every step; its ETag goes into each act."""
        record = await desk.find(grant, problem_id)
        async with desk.database.transaction() as connection:
            whole = await read_whole(connection, desk.holdings, record, sight_of(grant))
            viewed = grant.entry(Action.RECORD_VIEWED, "problem", problem_id)
            await desk.log.append(connection, [viewed])
            await desk.access.looks.note(connection, grant, [Look(problem_id)])
        response.headers["ETag"] = tag_of(record)
        return view_whole(whole, grant.role, desk.clock.now())


async def _page(desk: Desk, wanted: Wanted, after: str, limit: int) -> list[ProblemLine]:
    async with desk.database.reading() as connection:
        records = await list_records(connection, wanted, after, limit)
        lines = await read_lines(connection, desk.holdings, records, wanted.sight)
    return [view_line(line, desk.clock.now()) for line in lines]


async def _tallies(desk: Desk, sight: Sight) -> list[ProblemTally]:
    async with desk.database.reading() as connection:
        found = await tally(connection, sight, desk.acting.steps.today())
    return [view_tally(one) for one in found]


async def _note(desk: Desk, grant: Grant, action: Action, outcome: str) -> None:
    async with desk.database.transaction() as connection:
        await desk.log.append(connection, [grant.entry(action, outcome)])
