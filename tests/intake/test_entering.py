"""Before any search: where a row stands, what a second file changes, which row is which child."""

from typing import Any

import pytest

from gateway.intake.handing_in.roll import Roll
from gateway.intake.handover import Handover
from gateway.intake.rules.entering import enter, hand_in_again
from gateway.intake.rules.states import Hold
from gateway.people.indexes import Indexes
from tests.intake.lone import NOW, handover

FAULTY = '["check_character"]'

ENTERING = [
    ("searching", {}),
    ("listed", {"reported": False}),
    ("listed", {"reported": None}),
    ("held:admission_unconfirmed", {"confirmed": False}),
    ("held:admission_unconfirmed", {"confirmed": False, "reported": False}),
    ("held:data_error", {"faults": FAULTY}),
    ("held:data_error", {"faults": FAULTY, "confirmed": False, "reported": None}),
]


@pytest.mark.parametrize(("after", "changes"), ENTERING)
def test_a_row_is_faulty_then_unconfirmed_then_waits_then_is_looked_up(
    after: str, changes: dict[str, Any]
) -> None:
    assert str(enter(handover(**changes), NOW).situation) == after


def again(before: Handover, **told: Any) -> Handover:
    given = {"faults": [], "reported": True, "reported_on": None, "sealed_no_show_reason": None}
    return hand_in_again(before, **{**given, "confirmed": False, "now": NOW, **told})


AGAIN = [
    # before, what is told, after
    (("listed", {"reported": None}), {}, "searching"),
    (("no_show", {"reported": False}), {}, "searching"),
    (("searching", {}), {"reported": False}, "listed"),
    (("offered", {}), {"reported": False}, "listed"),
    (("create_new", {}), {"reported": False}, "listed"),
    (("held:not_graduated", {}), {"reported": False}, "listed"),
    (("offered", {}), {"reported": None}, "offered"),
    (("held:data_error", {"faults": FAULTY}), {}, "searching"),
    (("held:data_error", {"faults": FAULTY}), {"faults": ["sex"]}, "held:data_error"),
    (("held:data_error", {"faults": FAULTY, "confirmed": False}), {}, "held:admission_unconfirmed"),
    (("held:data_error", {"faults": FAULTY}), {"reported": False}, "listed"),
    (("held:admission_unconfirmed", {"confirmed": False}), {}, "held:admission_unconfirmed"),
    (("held:admission_unconfirmed", {"confirmed": False}), {"confirmed": True}, "searching"),
    (("accepted", {}), {"reported": False}, "accepted"),
    (("carried", {}), {"reported": False}, "carried"),
    (("registered", {}), {"reported": False}, "registered"),
    (("held:outcome_unknown", {}), {"reported": False}, "held:outcome_unknown"),
    (("held:closing_refused", {}), {"reported": False}, "held:closing_refused"),
]


@pytest.mark.parametrize(("before", "told", "after"), AGAIN)
def test_a_second_file_changes_report_and_faults_alone(
    before: tuple[str, dict[str, Any]], told: dict[str, Any], after: str
) -> None:
    situation, changes = before
    assert str(again(handover(situation, **changes), **told).situation) == after


def test_a_blank_in_a_second_file_forgets_nothing() -> None:
    before = handover("offered", reported_on="2026-09-01", sealed_no_show_reason=b"sealed")
    after = again(before, reported=None)
    assert (after.reported, after.reported_on) == (True, "2026-09-01")
    assert after.sealed_no_show_reason == b"sealed"


def test_a_row_that_was_right_is_not_made_faulty_by_another_file() -> None:
    after = again(handover("offered"), faults=["sex"])
    assert (after.faults, after.hold) == ("[]", None)
    assert again(handover(f"held:{Hold.DATA_ERROR}", faults=FAULTY)).faults == "[]"


def indexes(document: str = "", number: str = "", person: str = "p1") -> Indexes:
    return Indexes(document or None, number or None, person)


def test_the_same_document_is_the_same_child_else_the_same_number() -> None:
    roll = Roll({"d1": "h1"}, {"n1": "h2"}, {}, {})
    assert roll.find(indexes("d1", "n1")) == "h1"
    assert roll.find(indexes("d9", "n1")) == "h2"
    assert roll.find(indexes("d9", "n9")) is None


def test_rows_without_either_are_one_child_across_files_and_two_within_one() -> None:
    roll = Roll({}, {}, {"p1": "h1"}, {})
    assert roll.find(indexes()) == "h1"
    assert roll.find(indexes()) is None


def test_two_nameless_rows_of_one_file_cannot_be_told_apart() -> None:
    roll = Roll({}, {}, {}, {})
    for handover_id in ("h1", "h2"):
        assert roll.find(indexes()) is None
        roll.enrol(indexes(), handover_id)
    roll.enrol(indexes(person="p2"), "h3")
    roll.enrol(indexes("d4", person="p1"), "h4")
    assert roll.undistinguished() == ["h1", "h2"]


def test_a_faulty_row_is_found_again_once_its_document_was_put_right() -> None:
    roll = Roll({}, {}, {}, {"p1": "h1"})
    assert roll.find(indexes("d2")) == "h1"
    assert roll.find(indexes("d2")) is None


def test_a_row_met_in_this_file_is_known_to_the_next_row() -> None:
    roll = Roll({}, {}, {}, {})
    roll.enrol(indexes("d1", "n1"), "h1")
    assert roll.find(indexes("d1")) == roll.find(indexes(number="n1")) == "h1"
