"""The state machine: every event in every situation, held against a table written by hand."""

import pytest

from gateway.intake.rules.states import Event, Hold, NotAllowed, Situation, State, transition

PRESCHOOL_HOLDS = "not_graduated in_transfer preschool_pending preschool_cancelled deferred"
MATCH_HOLDS = "duplicate_preschool to_confirm ambiguous claimed_elsewhere already_enrolled"
LAST_HOLDS = "identity_review unmapped_code window_closed"
LOOKED = f"{MATCH_HOLDS} {PRESCHOOL_HOLDS} {LAST_HOLDS}".split()
EARLY = ["listed", "no_show", "searching", "offered", "create_new"]
HELD_BY_LOOKING = [f"held:{hold}" for hold in LOOKED]
HELD_FIRST = ["held:data_error", "held:admission_unconfirmed"]

# event: situations it is allowed in, and where it leads; `held:*` takes its reason from the event.
TABLE = {
    "report": (["listed", "no_show"], "searching"),
    "unreport": (["searching", "offered", "create_new", *HELD_BY_LOOKING], "listed"),
    "miss_deadline": (["listed"], "no_show"),
    "find_fault": (["listed"], "held:data_error"),
    "correct": (["held:data_error"], "listed"),
    "lack_confirmation": (["listed"], "held:admission_unconfirmed"),
    "confirm_list": (["held:admission_unconfirmed"], "listed"),
    "look": (["offered", "create_new", *HELD_BY_LOOKING], "searching"),
    "hold": (["searching"], "held:*"),
    "offer": (["searching"], "offered"),
    "find_nothing": (["searching"], "create_new"),
    "finish": (["searching"], "accepted"),
    "confirm": (["offered"], "accepted"),
    "choose": (["held:to_confirm", "held:ambiguous", "held:duplicate_preschool"], "searching"),
    "reject": (
        ["offered", "held:to_confirm", "held:ambiguous", "held:duplicate_preschool"],
        "searching",
    ),
    "carry": (["accepted", "searching", "held:closing_refused"], "carried"),
    "lose_answer": (["accepted"], "held:outcome_unknown"),
    "reconcile": (["held:outcome_unknown"], "accepted"),
    "refuse_closing": (["accepted"], "held:closing_refused"),
    "find_conflict": (["accepted"], "held:*"),
    "refuse_record": (["accepted"], "held:unmapped_code"),
    "approve": (["carried"], "registered"),
    "return": (["carried"], "returned"),
    "resubmit": (["returned"], "carried"),
    "undo": (["registered", "returned"], "carried"),
    "reverse": (["carried", "returned"], "reversed"),
    "create": (["create_new"], "created"),
    "withdraw": ([*EARLY, *HELD_FIRST, *HELD_BY_LOOKING], "withdrawn"),
}
REASONS = {"hold": LOOKED, "find_conflict": ["claimed_elsewhere", "already_enrolled"]}

SITUATIONS = [
    *(Situation(state) for state in State if state is not State.HELD),
    *(Situation(State.HELD, hold) for hold in Hold),
]


def outcome(before: Situation, event: Event, hold: Hold | None = None) -> str | None:
    try:
        return str(transition(before, event, hold))
    except NotAllowed:
        return None


def test_the_table_names_every_event() -> None:
    assert set(TABLE) == set(Event)


@pytest.mark.parametrize("event", list(Event))
def test_an_event_is_allowed_exactly_where_the_table_says(event: Event) -> None:
    allowed, after = TABLE[event]
    fixed = after != "held:*"
    reason = None if fixed else Hold(REASONS[event][0])
    expected = after if fixed else f"held:{reason}"
    for before in SITUATIONS:
        wanted = expected if str(before) in allowed else None
        assert outcome(before, event, reason) == wanted, (str(before), event)


@pytest.mark.parametrize("event", [Event.HOLD, Event.FIND_CONFLICT])
def test_an_event_leads_to_no_hold_but_its_own(event: Event) -> None:
    before = Situation(State.SEARCHING if event is Event.HOLD else State.ACCEPTED)
    assert outcome(before, event) is None
    for hold in Hold:
        wanted = f"held:{hold}" if hold in REASONS[event] else None
        assert outcome(before, event, hold) == wanted


def test_what_has_ended_is_never_left_but_by_the_county_undoing_its_approval() -> None:
    ends = [State.REVERSED, State.CREATED, State.WITHDRAWN]
    for state in ends:
        assert all(outcome(Situation(state), event) is None for event in Event)
    registered = {event for event in Event if outcome(Situation(State.REGISTERED), event)}
    assert registered == {Event.UNDO}


def test_nobody_may_pull_a_child_back_while_its_writes_are_under_way() -> None:
    under_way = [
        Situation(State.ACCEPTED),
        Situation(State.HELD, Hold.OUTCOME_UNKNOWN),
        Situation(State.HELD, Hold.CLOSING_REFUSED),
    ]
    for before in under_way:
        for event in (Event.UNREPORT, Event.WITHDRAW, Event.LOOK, Event.REVERSE):
            assert outcome(before, event) is None
