"""What callers see of intakes and handovers: every situation in words, Chinese first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from gateway.intake.doors.lines import Line
from gateway.intake.doors.reading import IntakeSummary
from gateway.intake.doors.sight import Sight
from gateway.intake.lists import CellFault
from gateway.intake.rules.situations import Wording
from gateway.intake.rules.states import Situation

Wordings = Mapping[Situation, Wording]


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
    """How many children stand in one situation."""

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


class HandoverLine(SituationView):
    """One child's handover in a list; `owner` must act, by `due_on` where there is a limit."""

    handover_id: str
    school: str
    number: str | None = Field(repr=False)
    grade: str | None
    problems: list[str]
    owner: str
    due_on: str | None
    since_at: datetime


class RowFault(BaseModel):
    """One thing wrong with one cell of a row, and what to do about it; never what stands there."""

    column: str
    reason: str
    detail: str
    detail_en: str
    remedy: str
    remedy_en: str


class IntakeLine(HandoverLine):
    """One row of a school's list (`row` is its 序号) and what became of the child."""

    row: str
    line: int
    faults: list[RowFault]


class IntakeLines(BaseModel):
    """A page of rows; ask again after `next` while it is not null."""

    rows: list[IntakeLine]
    next: int | None


class Worklist(BaseModel):
    """A page of handovers; ask again after `next` while it is not null."""

    handovers: list[HandoverLine]
    next: str | None


class WorklistCounts(BaseModel):
    """How many of the wanted handovers stand where."""

    situations: list[Counted]


def view_intake(summary: IntakeSummary, wordings: Wordings) -> IntakeView:
    """The intake in words."""
    return IntakeView(
        intake_id=summary.intake_id,
        school=summary.school,
        school_year=summary.school_year,
        rows=summary.rows,
        confirmed=summary.confirmed_at is not None,
        received_at=summary.received_at,
        settled=summary.settled,
        situations=view_counts(summary.counts, wordings),
    )


def view_counts(counts: Mapping[Situation, int], wordings: Wordings) -> list[Counted]:
    """The counts in words, the most frequent situation first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return [Counted(**say(wordings[situation]), count=count) for situation, count in ordered]


def view_intake_line(line: Line, wordings: Wordings, sight: Sight) -> IntakeLine:
    """A row of a list in words."""
    faults = [_fault(found) for found in line.faults]
    return IntakeLine(**_line(line, wordings, sight), row=line.row, line=line.line, faults=faults)


def view_line(line: Line, wordings: Wordings, sight: Sight) -> HandoverLine:
    """A handover in words."""
    return HandoverLine(**_line(line, wordings, sight))


def say(wording: Wording) -> dict[str, Any]:
    """The members of a `SituationView`."""
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


def _line(line: Line, wordings: Wordings, sight: Sight) -> dict[str, Any]:
    return {
        **say(wordings[line.situation]),
        "handover_id": line.handover_id,
        "school": line.school,
        "number": sight.number(line.number),
        "grade": line.grade,
        "problems": [outcome.value for outcome in sight.problems(line.problems)],
        "owner": line.owner,
        "due_on": line.due_on,
        "since_at": line.since_at,
    }


def _fault(found: CellFault) -> RowFault:
    return RowFault(
        column=found.column,
        reason=found.reason,
        detail=found.message_zh,
        detail_en=found.message_en,
        remedy=found.remedy_zh,
        remedy_en=found.remedy_en,
    )
