"""Every pair of state and event: what comes of it, or that nothing does."""

import itertools

import pytest

from contracts.outcomes import OPENS_A_PROBLEM, Outcome
from gateway.access.vocabulary import Role
from gateway.verification.problems.rules.classes import CLASS_LABELS, CLASS_OF, ProblemClass
from gateway.verification.problems.rules.refusals import Refusal, load_refusals
from gateway.verification.problems.rules.remedies import REMEDIES, Remedy, admits
from gateway.verification.problems.rules.seats import Office, seat_of
from gateway.verification.problems.rules.states import (
    TRANSITIONS,
    Event,
    NotAllowed,
    State,
    transition,
)
from gateway.verification.problems.rules.turns import TURNS, Act, acts_of
from gateway.verification.problems.rules.wordings import above, load_wordings, owner_of

OFFICES = ["at_county", "at_province", "at_ministry"]
STANDING = ["open", "checking", "proposed", *OFFICES, "changing"]
# What is promised, written down apart from the program's own table.
PROMISED = {
    "open": {None: "open"},
    "open_at_county": {None: "at_county"},
    "join": {state: state for state in STANDING},
    "propose": {"open": "proposed"},
    "propose_change": {"open": "checking"},
    "pass_check": {"checking": "proposed"},
    "fail_check": {"checking": "open"},
    "confirm": {"proposed": "at_county"},
    "reject": {
        "proposed": "open",
        "at_county": "open",
        "at_province": "at_county",
        "at_ministry": "at_province",
    },
    "refer": {"at_county": "at_province", "at_province": "at_ministry"},
    "accept": dict.fromkeys(OFFICES, "closed"),
    "accept_change": dict.fromkeys(OFFICES, "changing"),
    "confirm_change": {"changing": "closed"},
    "refute_change": {"changing": "open"},
    "clear": dict.fromkeys(STANDING, "closed"),
    "close": dict.fromkeys(["open", *OFFICES], "closed"),
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product([None, *State], Event)))
def test_each_event_leads_where_it_is_promised_and_nowhere_else(
    state: State | None, event: Event
) -> None:
    promised = PROMISED[event].get(state)
    if promised is None:
        with pytest.raises(NotAllowed):
            transition(state, event)
    else:
        assert transition(state, event) == promised


def test_nothing_leaves_a_closed_record() -> None:
    assert not any(State.CLOSED in before for before in TRANSITIONS.values())


def test_every_state_but_the_end_can_be_left_and_every_one_can_be_reached() -> None:
    reached = {after for moves in TRANSITIONS.values() for after in moves.values()}
    assert reached == set(State)
    for state in set(State) - {State.CLOSED}:
        assert any(moves.get(state, state) is not state for moves in TRANSITIONS.values())


def test_exactly_the_outcomes_that_open_a_problem_have_a_class() -> None:
    assert set(CLASS_OF) == set(OPENS_A_PROBLEM)
    assert not {Outcome.NOT_APPLICABLE, Outcome.UNKNOWN, Outcome.MATCH} & set(CLASS_OF)
    assert set(CLASS_LABELS) == set(REMEDIES) == set(ProblemClass)


def test_a_death_mark_admits_no_proposal() -> None:
    assert not any(admits([ProblemClass.DEATH_MARK], remedy) for remedy in Remedy)
    assert admits([ProblemClass.DEATH_MARK, ProblemClass.PERSON_TWICE], Remedy.DELETION)


@pytest.mark.parametrize(
    ("others", "national", "seat"),
    [
        ([], False, Office.COUNTY),
        (["999999"], False, Office.COUNTY),
        (["999998"], False, Office.PROVINCE),
        (["999999", "999998"], False, Office.PROVINCE),
        (["980001"], False, Office.MINISTRY),
        (["999998", "980001"], False, Office.MINISTRY),
        ([], True, Office.MINISTRY),
    ],
)
def test_the_lowest_office_over_both_sides_decides(
    others: list[str], national: bool, seat: Office
) -> None:
    assert seat_of("999999", others, deletes_a_national_number=national) is seat


def test_each_act_is_the_turn_of_one_role_in_states_where_it_leads_somewhere() -> None:
    events = {
        Act.PROPOSE: (Event.PROPOSE, Event.PROPOSE_CHANGE),
        Act.CONFIRM: (Event.CONFIRM,),
        Act.REJECT: (Event.REJECT,),
        Act.DECIDE: (Event.ACCEPT, Event.ACCEPT_CHANGE),
        Act.REFER: (Event.REFER,),
        Act.CLOSE: (Event.CLOSE,),
    }
    for act, meant in events.items():
        assert all(set(TURNS[act]) == set(TRANSITIONS[event]) for event in meant)
    assert acts_of(Role.CLERK, State.OPEN) == [Act.PROPOSE]
    assert acts_of(Role.LEADER, State.PROPOSED) == [Act.CONFIRM, Act.REJECT]
    assert acts_of(Role.AUDITOR, State.AT_COUNTY) == []


def test_every_state_and_refusal_has_its_words() -> None:
    assert set(load_wordings()) == set(State)
    assert set(load_refusals()) == set(Refusal)


def test_a_wait_goes_up_along_its_owners_line() -> None:
    owner = owner_of(State.PROPOSED, "9999990100", "999999")
    line = [owner]
    for _ in range(3):
        line.append(above(line[-1], "999999"))
    assert line == ["school:9999990100", "county:999999", "province:990000", "province:990000"]
