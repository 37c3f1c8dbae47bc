"""What looking a child up leads to: the first rule that applies, in one fixed order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from contracts.records import PreschoolRecord, PreschoolStatus, PrimaryRecord
from gateway.intake.rules.states import Event, Hold
from gateway.people.matching import Finding, Grade


class Standing(StrEnum):
    """What the primary register holds of the child."""

    NOWHERE = "nowhere"
    HERE = "here"  # live under the same number at this school
    UNAPPROVED_ELSEWHERE = "unapproved_elsewhere"
    ENROLLED = "enrolled"  # live and approved elsewhere, or under another number anywhere


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the decision needs; nothing else may influence it."""

    school: str
    today: date
    standing: Standing
    open_elsewhere: bool
    finding: Finding
    undistinguished: bool  # another row of the same file cannot be told from this one
    chosen: PreschoolRecord | None  # the candidate a clerk or the county named
    verdict_due: bool  # the police verdict is still awaited, within patience
    deceased: bool
    unmapped: bool
    window_open: bool

    @property
    def matched(self) -> PreschoolRecord | None:
        """The record this child's handover goes by, or None."""
        if self.chosen is not None:
            return self.chosen
        exact = self.finding.exact
        return exact.record if exact and not self.undistinguished else None

    def parked(self) -> "Findings":
        """The findings, with a value in the matched record that no crosswalk lists."""
        return replace(self, unmapped=True)


@dataclass(frozen=True, slots=True)
class Step:
    """The event to apply next, with its hold where it leads to one."""

    event: Event
    hold: Hold | None = None


def stand(
    records: Iterable[PrimaryRecord], school: str, number: str | None, current: Callable[[str], str]
) -> Standing:
    """What the live records among `records` mean for a child known here under `number`.

    `current` resolves an old number to the one in force, so that L→G is no other number.
    """
    standings = {_stand(r, school, number, current) for r in records if r.live}
    order = (Standing.ENROLLED, Standing.UNAPPROVED_ELSEWHERE, Standing.HERE)
    return next((standing for standing in order if standing in standings), Standing.NOWHERE)


def _stand(
    record: PrimaryRecord, school: str, number: str | None, current: Callable[[str], str]
) -> Standing:
    theirs = record.child.identity.number
    if number and theirs and current(theirs) != current(number):
        return Standing.ENROLLED
    if record.school == school:
        return Standing.HERE
    return Standing.ENROLLED if record.approved else Standing.UNAPPROVED_ELSEWHERE


def decide(findings: Findings) -> Step | None:
    """The next step for a reported child, or None while the police verdict is awaited."""
    return (
        _by_primary_register(findings)
        or _by_match(findings)
        or _by_preschool_status(findings)
        or _by_what_remains(findings)
    )


def _by_primary_register(findings: Findings) -> Step | None:
    if findings.standing is Standing.ENROLLED:
        return Step(Event.HOLD, Hold.ALREADY_ENROLLED)
    if findings.standing is Standing.UNAPPROVED_ELSEWHERE or findings.open_elsewhere:
        return Step(Event.HOLD, Hold.CLAIMED_ELSEWHERE)
    if findings.standing is Standing.HERE:
        return Step(Event.FINISH if needs_closing(findings) else Event.CARRY)
    return None


def needs_closing(findings: Findings) -> bool:
    """Whether the matched preschool record still lacks the 升学 mark for this school."""
    matched = findings.matched
    return matched is not None and not _advanced_here(matched, findings.school)


def _advanced_here(record: PreschoolRecord, school: str) -> bool:
    return record.status is PreschoolStatus.ADVANCED and record.advanced_to == school


def _by_match(findings: Findings) -> Step | None:
    if findings.chosen is not None:
        return None
    if findings.finding.several_exact:
        return Step(Event.HOLD, Hold.DUPLICATE_PRESCHOOL)
    if findings.undistinguished or findings.finding.grade is Grade.MANY:
        return Step(Event.HOLD, Hold.AMBIGUOUS)
    if findings.finding.grade is Grade.NONE:
        return Step(Event.FIND_NOTHING)
    if findings.finding.grade is not Grade.EXACT:
        return Step(Event.HOLD, Hold.TO_CONFIRM)
    return None


_HOLD_BY_STATUS = {
    PreschoolStatus.ENROLLED: Hold.NOT_GRADUATED,
    PreschoolStatus.IN_TRANSFER: Hold.IN_TRANSFER,
    PreschoolStatus.PENDING: Hold.PRESCHOOL_PENDING,
    PreschoolStatus.PROBLEM: Hold.PRESCHOOL_PENDING,
    PreschoolStatus.CANCELLED: Hold.PRESCHOOL_CANCELLED,
}


def _by_preschool_status(findings: Findings) -> Step | None:
    matched = findings.matched
    assert matched is not None  # _by_match ended every case without one
    if matched.status is None:
        return Step(Event.HOLD, Hold.UNMAPPED_CODE)
    if matched.status is PreschoolStatus.DEFERRED:
        return Step(Event.HOLD, _deferral(matched, findings.today))
    if matched.status is PreschoolStatus.ADVANCED and not _advanced_here(matched, findings.school):
        return Step(Event.HOLD, Hold.CLAIMED_ELSEWHERE)
    if matched.status in _HOLD_BY_STATUS:
        return Step(Event.HOLD, _HOLD_BY_STATUS[matched.status])
    if matched.child.identity.number is None:  # nothing to carry before the county approved it
        return Step(Event.HOLD, Hold.PRESCHOOL_PENDING)
    return None


def _deferral(record: PreschoolRecord, today: date) -> Hold:
    expired = record.deferred_until is not None and record.deferred_until < today
    return Hold.NOT_GRADUATED if expired else Hold.DEFERRED


def _by_what_remains(findings: Findings) -> Step | None:
    if findings.verdict_due:
        return None
    if findings.deceased:
        return Step(Event.HOLD, Hold.IDENTITY_REVIEW)
    if findings.unmapped:
        return Step(Event.HOLD, Hold.UNMAPPED_CODE)
    if not findings.window_open:
        return Step(Event.HOLD, Hold.WINDOW_CLOSED)
    return Step(Event.OFFER)
