"""The doors of intake: hand a list in, confirm it, read what became of it."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from contracts.records import Institution
from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation, Role
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action
from gateway.intake.areas import area_of
from gateway.intake.confirming import Confirming
from gateway.intake.lists import Limits, ListRefused, read_list
from gateway.intake.moves import OFFICE_TIME, Because
from gateway.intake.places import load_places
from gateway.intake.reading import IntakeSummary, Line, find_intake, intake_lines, summarise
from gateway.intake.receiving import Receiving, Submission
from gateway.intake.situations import Wording
from gateway.intake.states import Situation
from gateway.sealing import Sealer
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.routing import media_type, open_router

School = Annotated[str, Query(pattern=r"\A[0-9]{10}\z", description="机构标识码")]
PAGE = 500


class SituationView(BaseModel):
    """A situation in words: what it is called, whose turn it is, what to do next."""

    state: str
    reason: str | None
    label: str
    label_en: str
    turn: str
    turn_en: str
    next_step: str
    next_step_en: str


class Counted(SituationView):
    """How many rows stand in one situation."""

    count: int


class IntakeView(BaseModel):
    """One intake as it stands; `settled` when nothing is under way any more."""

    intake_id: str
    school: str
    school_year: str
    rows: int
    confirmed: bool
    received_at: datetime
    settled: bool
    situations: list[Counted]


class LineView(SituationView):
    """One row of the list and what became of the child."""

    row: str
    line: int
    handover_id: str
    number: str | None = Field(repr=False)
    grade: str | None
    problems: list[str]
    owner: str
    due_on: str | None
    since_at: datetime


class LinePage(BaseModel):
    """A page of rows; ask again after `next` while it is not null."""

    rows: list[LineView]
    next: int | None


class Confirmation(BaseModel):
    """The county's confirmation of a list: the reference of its decision or signed list."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[str, Field(min_length=1, max_length=64)]


LearnPlaces = Callable[[set[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Intake:
    """What the routes of this room need."""

    database: Database
    sealer: Sealer
    clock: Clock
    access: Access
    receiving: Receiving
    confirming: Confirming
    wordings: Mapping[Situation, Wording]
    limits: Limits
    learn_places: LearnPlaces

    async def place(self, school: str) -> Institution | None:
        """The school as its register lists it, asked once."""
        async with self.database.reading() as connection:
            known = await load_places(connection, [school])
        if not known:
            await self.learn_places({school})
            async with self.database.reading() as connection:
                known = await load_places(connection, [school])
        return known.get(school)

    async def require_school(self, grant: Grant, school: str) -> None:
        """Return where the grant reaches this school; else refuse as if it did not exist."""
        area = area_of(school, await self.place(school))
        await self.access.require_covered(grant, institution=school, area=area)

    async def found(self, grant: Grant, intake_id: str) -> IntakeSummary:
        """The intake, if it exists and the grant reaches it."""
        async with self.database.reading() as connection:
            intake = await find_intake(connection, intake_id)
            summary = await summarise(connection, intake) if intake is not None else None
        if summary is None:
            await self.access.refuse(grant, "absent")
        await self.require_school(grant, summary.school)
        return summary


def intake_routes(intake: Intake) -> APIRouter:
    """The routes of intake."""
    router = open_router("intake")

    def may(operation: Operation) -> Any:
        return Depends(Admission(intake.access, operation))

    @router.post("/v1/intakes", status_code=202, summary="提交接续名单 · Hand in a list")
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
        await intake.require_school(grant, school)
        intake_id = await _receive(intake, request, school, grant)
        response.headers["Location"] = f"/v1/intakes/{intake_id}"
        return _view(intake, await intake.found(grant, intake_id))

    @router.get("/v1/intakes/{intake_id}", summary="名单进展 · How a list stands")
    async def read(
        intake_id: str, grant: Annotated[Grant, may(Operation.INTAKE_READ)]
    ) -> IntakeView:
        """Counts by situation, each with whose turn it is and what to do."""
        return _view(intake, await intake.found(grant, intake_id))

    @router.get("/v1/intakes/{intake_id}/rows", summary="逐行结果 · The rows one by one")
    async def rows(
        intake_id: str,
        grant: Annotated[Grant, may(Operation.INTAKE_READ)],
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> LinePage:
        """Every row in the order of the file, with the child's number once it is known."""
        await intake.found(grant, intake_id)
        async with intake.database.transaction() as connection:
            lines = await intake_lines(connection, intake.sealer, intake_id, after, limit)
            viewed = grant.entry(Action.RECORD_VIEWED, "rows", intake_id, rows=str(len(lines)))
            await intake.receiving.log.append(connection, [viewed])
        full = len(lines) == limit
        return LinePage(
            rows=[_line(intake, line) for line in lines], next=lines[-1].line if full else None
        )

    @router.post("/v1/intakes/{intake_id}/confirmation", summary="县级确认名单 · Confirm a list")
    async def confirm(
        intake_id: str,
        confirmation: Confirmation,
        grant: Annotated[Grant, may(Operation.INTAKE_CONFIRM)],
    ) -> IntakeView:
        """The list counts as confirmed; its children are looked up as they report."""
        await intake.found(grant, intake_id)
        because = Because(
            actor=grant.actor,
            purpose=str(grant.purpose or ""),
            basis=grant.basis,
            case=grant.case,
            trace_id=grant.trace_id,
            reason="list_confirmed",
        )
        async with intake.database.transaction() as connection:
            await intake.confirming.confirm(connection, intake_id, confirmation.reference, because)
        return _view(intake, await intake.found(grant, intake_id))

    return router


async def _receive(intake: Intake, request: Request, school: str, grant: Grant) -> str:
    content = await request.body()
    now = intake.clock.now()
    try:
        listed = read_list(content, media_type(request), intake.limits)
        submission = Submission(
            school=school,
            school_year=school_year(now.astimezone(OFFICE_TIME).date()),
            content_hash=hashlib.sha256(content).hexdigest(),
            rows=listed.rows,
            confirmed=grant.role is Role.COUNTY,
            actor=grant.actor,
            purpose=str(grant.purpose or ""),
            case=grant.case,
            trace_id=grant.trace_id,
        )
        async with intake.database.transaction() as connection:
            received = await intake.receiving.receive(connection, submission, now)
    except ListRefused as refused:
        raise _refused(refused) from None
    return received.intake_id


def school_year(today: date) -> str:
    """The school year a list handed in today is for: from June on, the one that begins now."""
    first = today.year if today.month >= 6 else today.year - 1
    return f"{first}-{first + 1}"


def _refused(refused: ListRefused) -> Problem:
    place = f"#/rows/{refused.line}" if refused.line else "#"
    fault = Fault(
        refused.reason,
        f"{place}/{refused.column}" if refused.column else place,
        refused.message_zh,
        refused.message_en,
        refused.remedy_zh,
        refused.remedy_en,
    )
    too_large = refused.reason in ("body_too_large", "too_many_rows")
    return Problem(Kind.TOO_LARGE if too_large else Kind.INVALID_REQUEST, [fault])


def _view(intake: Intake, summary: IntakeSummary) -> IntakeView:
    ordered = sorted(summary.counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return IntakeView(
        intake_id=summary.intake_id,
        school=summary.school,
        school_year=summary.school_year,
        rows=summary.rows,
        confirmed=summary.confirmed_at is not None,
        received_at=summary.received_at,
        settled=summary.settled,
        situations=[
            Counted(**_words(intake.wordings[situation]), count=count)
            for situation, count in ordered
        ],
    )


def _line(intake: Intake, line: Line) -> LineView:
    return LineView(
        **_words(intake.wordings[line.situation]),
        row=line.row,
        line=line.line,
        handover_id=line.handover_id,
        number=line.number,
        grade=line.grade,
        problems=list(line.problems),
        owner=line.owner,
        due_on=line.due_on,
        since_at=line.since_at,
    )


def _words(wording: Wording) -> dict[str, Any]:
    hold = wording.situation.hold
    return {
        "state": wording.situation.state.value,
        "reason": hold.value if hold else None,
        "label": wording.zh,
        "label_en": wording.en,
        "turn": wording.turn_zh,
        "turn_en": wording.turn_en,
        "next_step": wording.clerk_zh,
        "next_step_en": wording.clerk_en,
    }
