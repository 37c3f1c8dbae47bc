"""The problem record as one state machine: states, events, and a pure transition."""

from enum import StrEnum

from contracts.errors import JisuiError


class State(StrEnum):
    """Where a problem record stands."""

    OPEN = "open"
    CHECKING = "checking"
    PROPOSED = "proposed"
    AT_COUNTY = "at_county"
    AT_PROVINCE = "at_province"
    AT_MINISTRY = "at_ministry"
    CHANGING = "changing"
    CLOSED = "closed"


class Event(StrEnum):
    """What may happen to a problem record."""

    OPEN = "open"  # something wrong was found, for the school to look at
    OPEN_AT_COUNTY = "open_at_county"  # something was found that only offices may know of
    JOIN = "join"  # something more was found
    PROPOSE = "propose"  # the clerk proposes evidence (佐证) or deletion (删除)
    PROPOSE_CHANGE = "propose_change"  # the clerk proposes a key-data change (变更)
    PASS_CHECK = "pass_check"  # noqa: S105 - no second child, and the register knows it so
    FAIL_CHECK = "fail_check"  # another child has it already, or the register does not know it
    CONFIRM = "confirm"  # the leader confirmed the proposal
    REJECT = "reject"  # sent back one step
    REFER = "refer"  # handed up for arbitration
    ACCEPT = "accept"  # evidence or deletion accepted
    ACCEPT_CHANGE = "accept_change"  # the change accepted and put into the record
    CONFIRM_CHANGE = "confirm_change"  # the register knows the changed record
    REFUTE_CHANGE = "refute_change"  # the register does not
    CLEAR = "clear"  # nothing stands against the record any more
    CLOSE = "close"  # an office ended it without a proposal


class NotAllowed(JisuiError):
    """The event has no place in this state; nothing was changed."""

    def __init__(self, state: State | None, event: Event) -> None:
        super().__init__(f"{event} is not allowed in {state or 'nothing'}")
        self.state = state
        self.event = event


# Before the first event there is no state.
Before = State | None

_STANDING = tuple(state for state in State if state is not State.CLOSED)
_OFFICES = (State.AT_COUNTY, State.AT_PROVINCE, State.AT_MINISTRY)

# event -> {state before: state after}
TRANSITIONS: dict[Event, dict[Before, State]] = {
    Event.OPEN: {None: State.OPEN},
    Event.OPEN_AT_COUNTY: {None: State.AT_COUNTY},
    Event.JOIN: {state: state for state in _STANDING},
    Event.PROPOSE: {State.OPEN: State.PROPOSED},
    Event.PROPOSE_CHANGE: {State.OPEN: State.CHECKING},
    Event.PASS_CHECK: {State.CHECKING: State.PROPOSED},
    Event.FAIL_CHECK: {State.CHECKING: State.OPEN},
    Event.CONFIRM: {State.PROPOSED: State.AT_COUNTY},
    Event.REJECT: {
        State.PROPOSED: State.OPEN,
        State.AT_COUNTY: State.OPEN,
        State.AT_PROVINCE: State.AT_COUNTY,
        State.AT_MINISTRY: State.AT_PROVINCE,
    },
    Event.REFER: {State.AT_COUNTY: State.AT_PROVINCE, State.AT_PROVINCE: State.AT_MINISTRY},
    Event.ACCEPT: dict.fromkeys(_OFFICES, State.CLOSED),
    Event.ACCEPT_CHANGE: dict.fromkeys(_OFFICES, State.CHANGING),
    Event.CONFIRM_CHANGE: {State.CHANGING: State.CLOSED},
    Event.REFUTE_CHANGE: {State.CHANGING: State.OPEN},
    Event.CLEAR: dict.fromkeys(_STANDING, State.CLOSED),
    Event.CLOSE: dict.fromkeys((State.OPEN, *_OFFICES), State.CLOSED),
}


def transition(before: Before, event: Event) -> State:
    """The state after `event`; raise `NotAllowed` where it has no place."""
    after = TRANSITIONS[event].get(before)
    if after is None:
        raise NotAllowed(before, event)
    return after
