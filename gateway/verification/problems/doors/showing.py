"""Problem records put into words for their readers."""

from datetime import datetime

from gateway.access.vocabulary import Role
from gateway.verification.problems.doors.listing import Tally
from gateway.verification.problems.doors.reading import Counterpart, Line, Past, Whole, days_since
from gateway.verification.problems.doors.views import (
    ChangeView,
    ClassNamed,
    FindingView,
    ParticularsView,
    ProblemLine,
    ProblemState,
    ProblemTally,
    ProblemView,
    ProofView,
    ProposalView,
    StepView,
)
from gateway.verification.problems.gathered import Gathered
from gateway.verification.problems.proposal import Proposal
from gateway.verification.problems.record import Record
from gateway.verification.problems.rules.classes import CLASS_LABELS
from gateway.verification.problems.rules.remedies import (
    REMEDIES,
    REMEDY_LABELS,
    RESOLUTION_LABELS,
    Remedy,
    Resolution,
)
from gateway.verification.problems.rules.seats import seat_of
from gateway.verification.problems.rules.states import State
from gateway.verification.problems.rules.turns import acts_of
from gateway.verification.problems.rules.wordings import load_wordings

EVERY_CLASS = "合计"


def view_line(line: Line, now: datetime) -> ProblemLine:
    """A record of the list."""
    record = line.record
    state = record.state or State.OPEN
    wording = load_wordings()[state]
    resolution = Resolution(record.resolution) if record.resolution else None
    return ProblemLine(
        problem_id=record.problem_id,
        school=record.school,
        area=record.area,
        name=line.name,
        classes=_classes(line),
        confidential=record.confidential,
        state=state,
        state_zh=wording.zh,
        turn_zh=wording.turn_zh,
        owner=record.owner,
        opened_at=record.opened_at,
        updated_at=record.updated_at,
        since_at=record.since_at,
        age_days=days_since(record.opened_at, now),
        due_on=record.due_on,
        remedy=Remedy(record.remedy) if record.remedy else None,
        resolution=resolution,
        resolution_zh=RESOLUTION_LABELS[resolution] if resolution else None,
    )


def view_whole(whole: Whole, role: Role, now: datetime) -> ProblemView:
    """One record in full."""
    record, found = whole.line.record, whole.line.found
    state = record.state or State.OPEN
    wording = load_wordings()[state]
    standing = [one for one in found if one.standing]
    admitted = {remedy for one in standing for remedy in REMEDIES[one.problem_class]}
    if not whole.recorded:
        admitted.discard(Remedy.DELETION)
    return ProblemView(
        **view_line(whole.line, now).model_dump(),
        particulars=_particulars(whole),
        findings=[_finding(one, whole.counterparts.get(one.counterpart)) for one in found],
        remedies=[remedy for remedy in Remedy if remedy in admitted],
        acts=acts_of(role, state),
        seat=_seat(whole),
        proposal=_proposal(whole.proposal) if whole.proposal else None,
        proposed_by=record.proposed_by,
        confirmed_by=record.confirmed_by,
        next_zh=wording.next_zh,
        next_en=wording.next_en,
        history=[_step(past) for past in whole.history],
    )


def view_state(record: Record, reason: str) -> ProblemState:
    """Where a record stands after an act."""
    state = record.state or State.OPEN
    return ProblemState(
        problem_id=record.problem_id,
        state=state,
        state_zh=load_wordings()[state].zh,
        owner=record.owner,
        due_on=record.due_on,
        resolution=Resolution(record.resolution) if record.resolution else None,
        reason=reason,
    )


def view_tally(tally: Tally) -> ProblemTally:
    """A line of the summary."""
    named = tally.problem_class
    return ProblemTally(
        area=tally.area,
        problem_class=named,
        zh=CLASS_LABELS[named] if named else EVERY_CLASS,
        found=tally.found,
        closed=tally.closed,
        standing=tally.found - tally.closed,
        overdue=tally.overdue,
    )


def _classes(line: Line) -> list[ClassNamed]:
    """What stands, or what stood when the record was closed."""
    standing = {one.problem_class for one in line.found if one.standing}
    shown = standing or {one.problem_class for one in line.found}
    return [ClassNamed(problem_class=one, zh=CLASS_LABELS[one]) for one in sorted(shown)]


def _seat(whole: Whole) -> str:
    areas = [one.counterpart_area for one in whole.line.found if one.duplicate and one.standing]
    deletes = whole.line.record.remedy == Remedy.DELETION
    national = deletes and (whole.number or "").startswith("G")
    return seat_of(whole.line.record.area, areas, deletes_a_national_number=national).name.lower()


def _particulars(whole: Whole) -> ParticularsView | None:
    if whole.held is None:
        return None
    identity = whole.held.identity
    return ParticularsView(
        name=identity.name,
        sex=identity.sex,
        born_on=identity.born_on,
        document_kind=identity.document.kind if identity.document else None,
        document_number=identity.document.number if identity.document else None,
        number=whole.held.number,
    )


def _finding(one: Gathered, counterpart: Counterpart | None) -> FindingView:
    return FindingView(
        problem_class=one.problem_class,
        zh=CLASS_LABELS[one.problem_class],
        found_at=one.found_at,
        standing=one.standing,
        counterpart_area=one.counterpart_area or None,
        counterpart_school=counterpart.school if counterpart else None,
        counterpart_problem=counterpart.problem_id if counterpart else None,
    )


def _proposal(proposal: Proposal) -> ProposalView:
    change = proposal.change
    document = change.document if change else None
    return ProposalView(
        remedy=proposal.remedy,
        remedy_zh=REMEDY_LABELS[proposal.remedy],
        reason=proposal.reason,
        proofs=[
            ProofView(title=one.title, reference=one.reference, sha256=one.sha256)
            for one in proposal.proofs
        ],
        change=ChangeView(
            name=change.name,
            sex=change.sex,
            born_on=change.born_on,
            document_kind=document.kind if document else None,
            document_number=document.number if document else None,
        )
        if change
        else None,
    )


def _step(past: Past) -> StepView:
    row = past.row
    return StepView(
        at=row.at,
        event=row.event,
        state=row.state,
        state_zh=load_wordings()[State(row.state)].zh,
        actor=row.actor,
        role=row.role,
        reason=row.reason,
        remark=past.remark,
    )
