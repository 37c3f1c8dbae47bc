"""Rounds, rosters and differences put into words for their readers."""

from collections.abc import Sequence
from datetime import date, datetime

from gateway.verification.periodic.doors.views import (
    DifferenceCount,
    DifferenceView,
    RosterChild,
    RosterLine,
    RosterView,
    RoundLine,
    RoundView,
    SchoolView,
    SweepView,
    TemporaryView,
    UnlistedRecord,
)
from gateway.verification.periodic.listing import shown_as
from gateway.verification.periodic.progress import Course, School, Sweep, is_overdue
from gateway.verification.periodic.reporting import Differing, OldTemporary
from gateway.verification.periodic.roster import Child, Roster
from gateway.verification.periodic.round import Round
from gateway.verification.periodic.rules import (
    DIFFERENCE_LABELS,
    PRESENCE_LABELS,
    ROSTER_LABELS,
    ROUND_LABELS,
    Difference,
    RosterState,
)
from gateway.verification.problems.holdings import Held

GATHERING = "gathering"
_TURNS = {
    RosterState.OPEN: "学籍管理员",
    RosterState.CONFIRMED: "学籍主管领导",
    RosterState.SIGNED: "办结",
}


def view_round_line(begun: Round) -> RoundLine:
    """A round of the list."""
    return RoundLine(
        round_id=begun.round_id,
        term=begun.term,
        area=begun.area,
        state=begun.state,
        state_zh=ROUND_LABELS[begun.state],
        started_at=begun.started_at,
        due_on=date.fromisoformat(begun.due_on),
        closed_at=begun.closed_at,
    )


def view_round(begun: Round, course: Course) -> RoundView:
    """A round with its course."""
    return RoundView(
        **view_round_line(begun).model_dump(),
        schools=course.schools,
        finished=course.finished,
        overdue=course.overdue,
        records=course.records,
        listed=course.listed,
        differences=[
            DifferenceCount(kind=kind, zh=DIFFERENCE_LABELS[kind], count=number)
            for kind, number in course.differences.items()
        ],
        comparisons=[_sweep(one) for one in course.sweeps],
        kindergartens_read=course.kindergartens_read,
    )


def view_school(school: School, begun: Round, today: date) -> SchoolView:
    """One school of a round."""
    return SchoolView(
        school=school.school,
        area=school.area,
        records=school.records,
        listed=school.listed,
        rosters_open=school.rosters.get(RosterState.OPEN, 0),
        rosters_confirmed=school.rosters.get(RosterState.CONFIRMED, 0),
        rosters_signed=school.rosters.get(RosterState.SIGNED, 0),
        finished=school.finished,
        overdue=is_overdue(school, begun, today),
        owner=school.owner,
        due_on=date.fromisoformat(school.due_on) if school.due_on else None,
        escalations=school.escalations,
    )


def view_roster_line(roster: Roster) -> RosterLine:
    """A roster of the list."""
    return RosterLine(
        roster_id=roster.roster_id,
        round_id=roster.round_id,
        school=roster.school,
        class_name=roster.class_name,
        state=roster.state,
        state_zh=ROSTER_LABELS[roster.state],
        turn_zh=_TURNS[roster.state],
        children=roster.children,
        listed_by=roster.listed_by,
        confirmed_by=roster.confirmed_by,
        signed_by=roster.signed_by,
        updated_at=roster.updated_at,
    )


def view_roster(roster: Roster, children: Sequence[Child], limit: int) -> RosterView:
    """A roster with a page of its children."""
    full = len(children) == limit
    return RosterView(
        **view_roster_line(roster).model_dump(),
        rows=[_child(one) for one in children],
        next=children[-1].place if full else None,
    )


def view_unlisted(record: str, held: Held) -> UnlistedRecord:
    """A record that stands on no roster."""
    shown = shown_as(held.identity)
    return UnlistedRecord(
        record=record,
        name=shown.name,
        sex=shown.sex,
        born_on=shown.born_on,
        document_number=shown.document_number or None,
        class_name=held.class_name or None,
    )


def view_difference(one: Differing) -> DifferenceView:
    """A line of the report."""
    return DifferenceView(
        difference_id=one.difference_id,
        kind=one.kind,
        zh=DIFFERENCE_LABELS[one.kind],
        school=one.school,
        area=one.area,
        class_name=one.class_name,
        record=one.record_id,
        problem_id=one.problem_id,
        listed_name=one.listed_name,
        recorded_name=one.recorded_name,
        reason=one.reason,
    )


def view_temporary(one: OldTemporary, now: datetime) -> TemporaryView:
    """An old temporary number, without the number."""
    return TemporaryView(
        record=one.record_id,
        school=one.school,
        area=one.area,
        name=one.name,
        since=one.since_at.date(),
        days=(now - one.since_at).days,
    )


def _sweep(one: Sweep) -> SweepView:
    return SweepView(
        system=one.system,
        stage=one.stage,
        batch_id=one.batch_id,
        gathered=one.gathered,
        state=one.batch.state if one.batch else GATHERING,
        pending=one.batch.pending if one.batch else None,
    )


def _child(one: Child) -> RosterChild:
    difference = Difference(one.difference) if one.difference else None
    return RosterChild(
        place=one.place,
        record=one.subject_id,
        name=one.particulars.name,
        sex=one.particulars.sex,
        born_on=one.particulars.born_on,
        document_number=one.particulars.document_number or None,
        difference=difference,
        difference_zh=DIFFERENCE_LABELS[difference] if difference else "",
        presence=one.presence,
        presence_zh=PRESENCE_LABELS[one.presence] if one.presence else "",
        reason=one.reason,
    )
