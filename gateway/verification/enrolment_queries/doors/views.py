"""What the doors of enrolment queries show; a child's data only in the answer to its question."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from gateway.access.vocabulary import BASIS_OF, Purpose
from gateway.verification.enrolment_queries.query import Answered, Outcome, Standing
from gateway.verification.enrolment_queries.rules import Answer, Enrolled
from gateway.verification.enrolment_queries.stops import Signal, Stop


class SchoolNamed(BaseModel):
    """A school or kindergarten: 机构标识码, and its name where it is known."""

    code: str
    name: str | None


class EnrolmentAnswer(BaseModel):
    """What is said of one child, by its place in the question, counted from 1.

    `no`: within the unit's reach no record stands and one that did has ended. `cannot_say` is said
    alike of whoever is unknown, undecided, shielded or out of reach. `since` is year and month.
    """

    row: int
    enrolled: Enrolled
    since: str | None = Field(repr=False)
    area: str | None = Field(repr=False, description="GB/T 2260, six digits.")
    school: SchoolNamed | None = Field(repr=False)


class EnrolmentAnswers(BaseModel):
    """A query with its answers; a paper is owed where `paper_due_at` says by when."""

    query_id: str
    unit: str
    officer: str
    approver: str
    document_number: str
    purpose: Purpose
    basis: str
    urgent: bool
    asked_at: datetime
    paper_due_at: datetime | None
    answers: list[EnrolmentAnswer]


class EnrolmentQuery(BaseModel):
    """A query without its children: who asked on which paper, how many, and how it was answered.

    `cannot_say` is what `yes` and `no` leave of `children`; of a stopped query nothing was said.
    """

    query_id: str
    unit: str
    officer: str
    approver: str
    document_number: str
    purpose: Purpose
    urgent: bool
    outcome: Outcome
    children: int
    yes: int
    no: int
    asked_at: datetime
    paper: Literal["not_owed", "owed", "overdue", "received"]
    paper_due_at: datetime | None
    paper_number: str | None
    paper_at: datetime | None
    chased: int


class EnrolmentQueryList(BaseModel):
    """Queries, the newest first; `next` is what to go on before."""

    queries: list[EnrolmentQuery]
    next: str | None


class EnrolmentStop(BaseModel):
    """A stop: of one officer, or of the whole unit where `officer` is null."""

    stop_id: str
    unit: str
    officer: str | None
    signal: Signal
    query_id: str
    stopped_at: datetime
    released_at: datetime | None
    released_by: str | None
    reason: str | None


class EnrolmentStopList(BaseModel):
    """Stops, the newest first; `next` is what to go on before."""

    stops: list[EnrolmentStop]
    next: str | None


class EnrolmentShield(BaseModel):
    """That a decision to shield a child or no more is in force; never whether anybody knows it."""

    shielded: bool
    decided_at: datetime


def view_answers(answered: Answered) -> EnrolmentAnswers:
    """The query and its answers."""
    query = answered.query
    return EnrolmentAnswers(
        query_id=query.query_id,
        unit=query.unit,
        officer=query.officer,
        approver=query.approver,
        document_number=query.document_number,
        purpose=query.purpose,
        basis=BASIS_OF[query.purpose],
        urgent=query.urgent,
        asked_at=query.asked_at,
        paper_due_at=query.paper_due_at,
        answers=[_view_answer(row, one) for row, one in enumerate(answered.answers, 1)],
    )


def view_query(query: Standing, now: datetime) -> EnrolmentQuery:
    """The query as it is listed."""
    names = EnrolmentQuery.model_fields.keys() - {"paper"}
    shown = {name: getattr(query, name) for name in names}
    return EnrolmentQuery(**shown, paper=_paper(query, now))


def view_stop(stop: Stop) -> EnrolmentStop:
    """The stop as operator and auditor see it."""
    names = EnrolmentStop.model_fields.keys() - {"officer"}
    shown = {name: getattr(stop, name) for name in names}
    return EnrolmentStop(**shown, officer=stop.officer or None)


def _view_answer(row: int, one: Answer) -> EnrolmentAnswer:
    school = SchoolNamed(code=one.school, name=one.school_name) if one.school else None
    return EnrolmentAnswer(
        row=row, enrolled=one.enrolled, since=one.since, area=one.area, school=school
    )


def _paper(query: Standing, now: datetime) -> Literal["not_owed", "owed", "overdue", "received"]:
    if query.paper_due_at is None:
        return "not_owed"
    if query.paper_at is not None:
        return "received"
    return "overdue" if query.paper_due_at <= now else "owed"
