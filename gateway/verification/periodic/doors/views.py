"""Rounds, rosters and the report as callers read them."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from contracts.events import Stage
from gateway.verification.periodic.rules import Difference, Presence, RosterState, RoundState


class SweepView(BaseModel):
    """The comparison with one register; its batch is read, paused and resumed like any other.

    `stage` says whether it is about schools' records or kindergartens'.

    `gathered` records are in the batch; `state` is `gathering` until all of them are.
    """

    system: str
    stage: Stage = Stage.PRIMARY
    batch_id: str
    gathered: int
    state: str
    pending: int | None


class DifferenceCount(BaseModel):
    """How many children or records differ in one way."""

    kind: Difference
    zh: str
    count: int


class RoundLine(BaseModel):
    """A round of periodic verification; rosters are to be signed by `due_on`."""

    round_id: str
    term: str
    area: str
    state: RoundState
    state_zh: str
    started_at: datetime
    due_on: date
    closed_at: datetime | None


class RoundView(RoundLine):
    """A round and how far it has come, within the caller's reach.

    `listed` of the `records` stand on signed rosters. The comparisons are for offices that have
    all of the round within their reach. Kindergartens take part once the preschool register has
    told of all their records: `kindergartens_read`.
    """

    schools: int
    finished: int
    overdue: int
    records: int
    listed: int
    differences: list[DifferenceCount]
    comparisons: list[SweepView]
    kindergartens_read: bool = True


class RoundList(BaseModel):
    """A page of rounds; `next` goes into `after` for the following page."""

    rounds: list[RoundLine]
    next: str | None


class SchoolView(BaseModel):
    """How far one school has come, whose turn it is, and by when."""

    school: str
    area: str
    records: int
    listed: int
    rosters_open: int
    rosters_confirmed: int
    rosters_signed: int
    finished: bool
    overdue: bool
    owner: str
    due_on: date | None
    escalations: int


class SchoolList(BaseModel):
    """A page of schools; `next` goes into `after` for the following page."""

    schools: list[SchoolView]
    next: str | None


class UnlistedRecord(BaseModel):
    """One of the school's records that stands on no roster yet."""

    record: str
    name: str = Field(repr=False)
    sex: str
    born_on: date | None = Field(repr=False)
    document_number: str | None = Field(repr=False)
    class_name: str | None = Field(
        default=None, repr=False, description="班级编码, where the register has it."
    )


class UnlistedRecords(BaseModel):
    """A page of records; `next` goes into `after` for the following page."""

    records: list[UnlistedRecord]
    next: str | None


class RosterLine(BaseModel):
    """One class's roster; `turn_zh` says whose turn it is."""

    roster_id: str
    round_id: str
    school: str
    class_name: str
    state: RosterState
    state_zh: str
    turn_zh: str
    children: int
    listed_by: str
    confirmed_by: str | None
    signed_by: str | None
    updated_at: datetime


class RosterList(BaseModel):
    """A page of rosters; `next` goes into `after` for the following page."""

    rosters: list[RosterLine]
    next: str | None


class RosterChild(BaseModel):
    """A child of a roster; `record` is the school's record of it, `difference` how both differ."""

    place: int
    record: str | None
    name: str = Field(repr=False)
    sex: str
    born_on: date | None = Field(repr=False)
    document_number: str | None = Field(repr=False)
    difference: Difference | None
    difference_zh: str
    presence: Presence | None
    presence_zh: str
    reason: str = Field(repr=False)


class RosterView(RosterLine):
    """A roster with a page of its children; its ETag goes into confirmation and signature."""

    rows: list[RosterChild]
    next: int | None


class DifferenceView(BaseModel):
    """One line of 人籍不一致; names where the purpose needs them."""

    difference_id: str
    kind: Difference
    zh: str
    school: str
    area: str
    class_name: str
    record: str | None
    problem_id: str | None
    listed_name: str | None = Field(repr=False)
    recorded_name: str | None = Field(repr=False)
    reason: str = Field(repr=False)


class PeriodicReport(BaseModel):
    """A page of the report of 人籍不一致; `next` goes into `after` for the following page."""

    round_id: str
    state: RoundState
    differences: list[DifferenceView]
    next: str | None


class TemporaryView(BaseModel):
    """A record under a temporary number (L) that has grown old: its number is to be formalised."""

    record: str
    school: str
    area: str
    name: str | None = Field(repr=False)
    since: date
    days: int


class TemporaryList(BaseModel):
    """A page of old temporary numbers; `next` goes into `after` for the following page."""

    temporaries: list[TemporaryView]
    next: str | None
