"""Undoing as a plan: what comes next after each word of a register, as pure steps."""

from datetime import UTC, datetime

import pytest

from contracts.capabilities import Receipt
from contracts.errors import (
    ClosingRefused,
    Malformed,
    NumberTaken,
    OutcomeUnknown,
    SystemFailure,
    Unavailable,
)
from gateway.intake.rules.undoing import Undo, UndoPlan, told, under_way, undo_refused
from tests.intake.lone import NOW, handover

RECEIPT = Receipt("h1-1", "ZXHZ0000000001", datetime(2026, 9, 3, tzinfo=UTC))
ASK, SEND = True, False

STEPS = [
    # asked or sent what, the register's word, what comes next, and where the handover is then
    (Undo.REMOVE, ASK, RECEIPT, UndoPlan(Undo.REMOVE, SEND), ("carried", "remove")),
    (Undo.REMOVE, ASK, None, UndoPlan(Undo.UNMARK, ASK), ("carried", "unmark")),
    (Undo.REMOVE, SEND, RECEIPT, UndoPlan(Undo.UNMARK, ASK), ("carried", "unmark")),
    (Undo.UNMARK, ASK, RECEIPT, UndoPlan(Undo.UNMARK, SEND), ("carried", "unmark")),
    (Undo.UNMARK, ASK, None, None, ("reversed", None)),
    (Undo.UNMARK, SEND, RECEIPT, None, ("reversed", None)),
]


@pytest.mark.parametrize(("undo", "asking", "word", "planned", "after"), STEPS)
def test_each_word_of_a_register_has_one_next_step(
    undo: Undo,
    asking: bool,
    word: Receipt | None,
    planned: UndoPlan | None,
    after: tuple[str, str | None],
) -> None:
    before = handover("carried", writing=undo.value)
    moved, next_plan = told(before, UndoPlan(undo, asking), word, NOW)
    assert (moved.state, moved.writing) == after
    assert next_plan == planned


FAILURES: list[SystemFailure] = [
    Unavailable("preschool", "undo_advance"),
    OutcomeUnknown("preschool", "undo_advance"),
    ClosingRefused("preschool", "undo_advance", "refused"),
    Malformed("student_status", "remove"),
    NumberTaken("student_status", "remove", school="9999990100", approved=False),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda f: type(f).__name__)
@pytest.mark.parametrize("undo", list(Undo))
def test_a_failure_leaves_it_to_be_asked_again(failure: SystemFailure, undo: Undo) -> None:
    before = handover("carried", writing=undo.value)
    assert undo_refused(before, UndoPlan(undo, SEND), failure, NOW) == before


@pytest.mark.parametrize("state", ["carried", "returned"])
def test_an_approved_record_ends_the_undoing_as_registered(state: str) -> None:
    taken = NumberTaken("student_status", "remove", school="9999990100", approved=True)
    before = handover(state, writing=Undo.REMOVE.value)
    after = undo_refused(before, UndoPlan(Undo.REMOVE, SEND), taken, NOW)
    assert (after.state, after.writing) == ("registered", None)


def test_the_writes_of_carrying_are_no_undoing() -> None:
    assert not under_way(handover("accepted", writing="create"))
    assert not under_way(handover("carried"))
    assert under_way(handover("returned", writing="unmark"))
