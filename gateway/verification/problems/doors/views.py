"""Problem records as callers read them; what a caller may not see is absent, not masked."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.rules.remedies import Remedy, Resolution
from gateway.verification.problems.rules.states import Event, State
from gateway.verification.problems.rules.turns import Act


class ClassNamed(BaseModel):
    """A class with its Chinese label."""

    problem_class: ProblemClass
    zh: str


class ProblemLine(BaseModel):
    """One problem record of the list; `age_days` counts from its opening."""

    problem_id: str
    school: str
    area: str
    name: str | None = Field(None, repr=False)
    classes: list[ClassNamed]
    confidential: bool
    state: State
    state_zh: str
    turn_zh: str
    owner: str
    opened_at: datetime
    updated_at: datetime
    since_at: datetime
    age_days: int
    due_on: str | None
    remedy: Remedy | None
    resolution: Resolution | None
    resolution_zh: str | None


class ProblemList(BaseModel):
    """A page of problem records; `next` goes into `after` for the following page."""

    problems: list[ProblemLine]
    next: str | None


class ParticularsView(BaseModel):
    """The child as its school holds it."""

    name: str = Field(repr=False)
    sex: str
    born_on: date | None = Field(repr=False)
    document_kind: str | None
    document_number: str | None = Field(repr=False)
    number: str | None = Field(repr=False)


class FindingView(BaseModel):
    """One thing that was found; of a duplicate's other record no more than may be told."""

    problem_class: ProblemClass
    zh: str
    found_at: datetime
    standing: bool
    counterpart_area: str | None = None
    counterpart_school: str | None = None
    counterpart_problem: str | None = None


class ProofView(BaseModel):
    """One piece of proof: its title, where it is filed, its SHA-256."""

    title: str = Field(repr=False)
    reference: str = Field(repr=False)
    sha256: str


class ChangeView(BaseModel):
    """The key data as they would be; null for what stays."""

    name: str | None = Field(repr=False)
    sex: str | None
    born_on: date | None = Field(repr=False)
    document_kind: str | None
    document_number: str | None = Field(repr=False)


class ProposalView(BaseModel):
    """What the school proposes."""

    remedy: Remedy
    remedy_zh: str
    reason: str = Field(repr=False)
    proofs: list[ProofView]
    change: ChangeView | None


class StepView(BaseModel):
    """One step of the record's history."""

    at: datetime
    event: Event
    state: State
    state_zh: str
    actor: str
    role: str
    reason: str
    remark: str | None = Field(repr=False)


class ProblemView(ProblemLine):
    """One problem record in full; `seat` is the lowest office that may decide it as it stands."""

    particulars: ParticularsView | None
    findings: list[FindingView]
    remedies: list[Remedy]
    acts: list[Act]
    seat: str
    proposal: ProposalView | None
    proposed_by: str | None
    confirmed_by: str | None
    next_zh: str
    next_en: str
    history: list[StepView]


class ProblemState(BaseModel):
    """Where a problem record stands after an act; `reason` is the last step's, a word of ours."""

    problem_id: str
    state: State
    state_zh: str
    owner: str
    due_on: str | None
    resolution: Resolution | None
    reason: str


class ProblemTally(BaseModel):
    """What one county has of one class, or of all where the class is null."""

    area: str
    problem_class: ProblemClass | None
    zh: str
    found: int
    closed: int
    standing: int
    overdue: int


class ProblemCounts(BaseModel):
    """The summary table (问题学籍统计) of everything within the caller's reach."""

    rows: list[ProblemTally]
