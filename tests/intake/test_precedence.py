"""Precedence: a decision table of single findings, and the law that the first rule wins."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.names import Tier
from contracts.records import (
    CanonicalRecord,
    Document,
    Identity,
    PreschoolRecord,
    PreschoolStatus,
    PrimaryRecord,
    Provenance,
)
from gateway.intake.rules.precedence import Findings, Standing, Step, decide, stand
from gateway.intake.rules.states import Event, Hold
from gateway.people.matching import Candidate, Finding, Grade, Match, conclude

SCHOOL, ELSEWHERE, TODAY = "9999990100", "9999990200", date(2026, 9, 3)
NUMBER = "G999999202001010117"
READ = Provenance("test", datetime(2026, 9, 3, tzinfo=UTC))


def record(
    status: PreschoolStatus | None = PreschoolStatus.GRADUATED,
    number: str | None = NUMBER,
    name: str = "XQ1",
    **changes: Any,
) -> PreschoolRecord:
    document = Document("1", "居民身份证", NUMBER[1:])
    identity = Identity("虚构", "1", date(2020, 1, 1), document, number)
    return PreschoolRecord(
        name, "9999990001", status, CanonicalRecord(identity, {}, {}, READ), **changes
    )


def found(*records: PreschoolRecord, grade: Grade = Grade.EXACT) -> Finding:
    return conclude([Candidate(r, Match(grade, {}, Tier.IDENTICAL)) for r in records])


PLAIN = Findings(
    school=SCHOOL,
    today=TODAY,
    standing=Standing.NOWHERE,
    open_elsewhere=False,
    finding=found(record()),
    undistinguished=False,
    chosen=None,
    verdict_due=False,
    deceased=False,
    unmapped=False,
    window_open=True,
)


def with_status(status: PreschoolStatus | None, **changes: Any) -> Findings:
    return replace(PLAIN, finding=found(record(status, **changes)))


S, H = PreschoolStatus, Hold
TWO_EXACT = found(record(), record(name="XQ2"))
TWO_POSSIBLE = found(record(), record(name="XQ2"), grade=Grade.POSSIBLE)
NOTHING = found()
CLOSED_HERE = found(record(S.ADVANCED, advanced_to=SCHOOL))


def said(findings: Findings) -> str:
    """The step in a word: the event, or `held:` and its reason."""
    step = decide(findings)
    return "waits" if step is None else f"held:{step.hold}" if step.hold else step.event


SINGLE: list[tuple[str, dict[str, Any]]] = [
    ("offer", {}),
    ("held:already_enrolled", {"standing": Standing.ENROLLED}),
    ("held:claimed_elsewhere", {"standing": Standing.UNAPPROVED_ELSEWHERE}),
    ("held:claimed_elsewhere", {"open_elsewhere": True}),
    ("finish", {"standing": Standing.HERE}),
    ("carry", {"standing": Standing.HERE, "finding": CLOSED_HERE}),
    ("carry", {"standing": Standing.HERE, "finding": NOTHING}),
    ("held:duplicate_preschool", {"finding": TWO_EXACT}),
    ("held:ambiguous", {"finding": TWO_POSSIBLE}),
    ("held:ambiguous", {"undistinguished": True}),
    ("held:to_confirm", {"finding": found(record(), grade=Grade.PROBABLE)}),
    ("held:to_confirm", {"finding": found(record(), grade=Grade.POSSIBLE)}),
    ("find_nothing", {"finding": NOTHING}),
    ("offer", {"finding": TWO_POSSIBLE, "chosen": record()}),
    ("offer", {"undistinguished": True, "chosen": record()}),
    ("held:identity_review", {"deceased": True}),
    ("held:unmapped_code", {"unmapped": True}),
    ("held:window_closed", {"window_open": False}),
]


@pytest.mark.parametrize(("expected", "changes"), SINGLE)
def test_one_finding_alone_decides(expected: str, changes: dict[str, Any]) -> None:
    assert said(replace(PLAIN, **changes)) == expected


BY_STATUS: list[tuple[str, PreschoolStatus | None, dict[str, Any]]] = [
    ("offer", S.GRADUATED, {}),
    ("offer", S.LEFT, {}),
    ("held:not_graduated", S.ENROLLED, {}),
    ("held:deferred", S.DEFERRED, {}),
    ("held:deferred", S.DEFERRED, {"deferred_until": TODAY}),
    ("held:not_graduated", S.DEFERRED, {"deferred_until": date(2026, 9, 2)}),
    ("held:in_transfer", S.IN_TRANSFER, {}),
    ("held:preschool_pending", S.PENDING, {}),
    ("held:preschool_pending", S.PENDING, {"number": None}),
    ("held:preschool_pending", S.GRADUATED, {"number": None}),
    ("held:preschool_pending", S.PROBLEM, {}),
    ("held:preschool_cancelled", S.CANCELLED, {}),
    ("held:claimed_elsewhere", S.ADVANCED, {"advanced_to": ELSEWHERE}),
    ("held:claimed_elsewhere", S.ADVANCED, {}),
    ("offer", S.ADVANCED, {"advanced_to": SCHOOL}),  # the mark is there, the record is not
    ("held:unmapped_code", None, {}),
]


@pytest.mark.parametrize(("expected", "status", "changes"), BY_STATUS)
def test_each_preschool_status_leads_where_the_rule_says(
    expected: str, status: PreschoolStatus | None, changes: dict[str, Any]
) -> None:
    assert said(with_status(status, **changes)) == expected


def test_every_preschool_status_is_tried() -> None:
    assert {status for _, status, _ in BY_STATUS} == {*PreschoolStatus, None}


def test_an_awaited_verdict_keeps_only_those_waiting_whom_nothing_else_holds() -> None:
    assert decide(replace(PLAIN, verdict_due=True)) is None
    held = replace(with_status(S.ENROLLED), verdict_due=True)
    assert decide(held) == Step(Event.HOLD, H.NOT_GRADUATED)


def test_a_childs_match_is_known_even_where_another_rule_holds_it() -> None:
    held = replace(PLAIN, standing=Standing.ENROLLED)
    assert held.matched == record()
    assert replace(held, undistinguished=True).matched is None


# What may be found besides, the strongest first; each alone leads to the hold beside it.
RULES: list[tuple[Callable[[Findings], Findings], Hold]] = [
    (lambda f: replace(f, standing=Standing.ENROLLED), H.ALREADY_ENROLLED),
    (lambda f: replace(f, open_elsewhere=True), H.CLAIMED_ELSEWHERE),
    (lambda f: replace(f, finding=TWO_EXACT), H.DUPLICATE_PRESCHOOL),
    (lambda f: replace(f, undistinguished=True), H.AMBIGUOUS),
    (
        lambda f: f if f.finding is TWO_EXACT else with_findings(f, S.ENROLLED),
        H.NOT_GRADUATED,
    ),
    (lambda f: replace(f, deceased=True), H.IDENTITY_REVIEW),
    (lambda f: replace(f, unmapped=True), H.UNMAPPED_CODE),
    (lambda f: replace(f, window_open=False), H.WINDOW_CLOSED),
]


def with_findings(findings: Findings, status: PreschoolStatus) -> Findings:
    return replace(findings, finding=found(record(status)))


@given(st.sets(st.integers(0, len(RULES) - 1), min_size=1))
def test_of_several_findings_the_first_rule_wins(places: set[int]) -> None:
    findings = PLAIN
    for place in sorted(places):
        findings = RULES[place][0](findings)
    assert decide(findings) == Step(Event.HOLD, RULES[min(places)][1])


@given(st.integers(0, len(RULES) - 1), st.sets(st.integers(0, len(RULES) - 1)))
def test_a_finding_of_lower_precedence_never_changes_the_step(first: int, others: set[int]) -> None:
    alone = RULES[first][0](PLAIN)
    more = alone
    for place in sorted(others):
        more = RULES[place][0](more) if place > first else more
    assert decide(more) == decide(alone)


def primary(
    school: str, number: str | None = NUMBER, *, live: bool = True, approved: bool = True
) -> PrimaryRecord:
    identity = Identity("虚构", "1", date(2020, 1, 1), None, number)
    label = "在读" if live else "转出"
    child = CanonicalRecord(identity, {}, {}, READ)
    return PrimaryRecord(f"{school}{number}", school, label, live, approved, child)


L_NUMBER = "L999999202001010117"
STANDINGS = [
    ([], Standing.NOWHERE),
    ([primary(SCHOOL, live=False)], Standing.NOWHERE),
    ([primary(ELSEWHERE, live=False)], Standing.NOWHERE),
    ([primary(SCHOOL)], Standing.HERE),
    ([primary(SCHOOL, approved=False)], Standing.HERE),
    ([primary(SCHOOL, L_NUMBER)], Standing.ENROLLED),
    ([primary(SCHOOL, None)], Standing.HERE),
    ([primary(ELSEWHERE)], Standing.ENROLLED),
    ([primary(ELSEWHERE, L_NUMBER, approved=False)], Standing.ENROLLED),
    ([primary(ELSEWHERE, approved=False)], Standing.UNAPPROVED_ELSEWHERE),
    ([primary(SCHOOL), primary(ELSEWHERE, approved=False)], Standing.UNAPPROVED_ELSEWHERE),
    ([primary(ELSEWHERE, approved=False), primary(ELSEWHERE)], Standing.ENROLLED),
]


@pytest.mark.parametrize(("records", "standing"), STANDINGS)
def test_the_primary_register_says_where_a_child_stands(
    records: list[PrimaryRecord], standing: Standing
) -> None:
    assert stand(records, SCHOOL, NUMBER, lambda number: number) is standing


def test_an_old_number_is_no_other_number() -> None:
    aliases = {L_NUMBER: NUMBER}
    here = stand([primary(SCHOOL, L_NUMBER)], SCHOOL, NUMBER, lambda n: aliases.get(n, n))
    assert here is Standing.HERE
