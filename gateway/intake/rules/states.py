"""The handover (学籍接续) as one state machine: states, holds, events, and a pure transition."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.errors import JisuiError


class State(StrEnum):
    """Where one child's passage into primary school stands."""

    LISTED = "listed"
    NO_SHOW = "no_show"
    SEARCHING = "searching"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    CARRIED = "carried"
    REGISTERED = "registered"
    RETURNED = "returned"
    REVERSED = "reversed"
    CREATE_NEW = "create_new"
    CREATED = "created"
    WITHDRAWN = "withdrawn"
    HELD = "held"


class Hold(StrEnum):
    """Why a handover waits for a person, or for a time."""

    ADMISSION_UNCONFIRMED = "admission_unconfirmed"
    DATA_ERROR = "data_error"
    NOT_GRADUATED = "not_graduated"
    IN_TRANSFER = "in_transfer"
    PRESCHOOL_PENDING = "preschool_pending"
    PRESCHOOL_CANCELLED = "preschool_cancelled"
    DUPLICATE_PRESCHOOL = "duplicate_preschool"
    DEFERRED = "deferred"
    TO_CONFIRM = "to_confirm"
    AMBIGUOUS = "ambiguous"
    CLAIMED_ELSEWHERE = "claimed_elsewhere"
    ALREADY_ENROLLED = "already_enrolled"
    IDENTITY_REVIEW = "identity_review"
    UNMAPPED_CODE = "unmapped_code"
    WINDOW_CLOSED = "window_closed"
    CLOSING_REFUSED = "closing_refused"
    OUTCOME_UNKNOWN = "outcome_unknown"


class Event(StrEnum):
    """What may happen to a handover."""

    REPORT = "report"  # the child reports at school
    UNREPORT = "unreport"  # the report was a mistake
    MISS_DEADLINE = "miss_deadline"  # the reporting deadline passed without it
    FIND_FAULT = "find_fault"  # the list row itself is wrong
    CORRECT = "correct"  # the row was handed in again, put right
    LACK_CONFIRMATION = "lack_confirmation"  # the county has not confirmed the list
    CONFIRM_LIST = "confirm_list"  # the county confirmed the list
    LOOK = "look"  # look the child up (again)
    HOLD = "hold"  # looking ended in a hold; carries the reason
    OFFER = "offer"  # one match, mapped, ready to be confirmed
    FIND_NOTHING = "find_nothing"  # no preschool record anywhere
    FINISH = "finish"  # the primary record is this school's already; only the closing is left
    CONFIRM = "confirm"  # the leader confirmed, or automatic acceptance did
    CHOOSE = "choose"  # a clerk named the candidate that is this child
    REJECT = "reject"  # the candidate is another child
    CARRY = "carry"  # both writes are receipted
    LOSE_ANSWER = "lose_answer"  # a write's outcome is unknown
    RECONCILE = "reconcile"  # the other side said what became of it
    REFUSE_CLOSING = "refuse_closing"  # the preschool register refused the 升学 mark
    FIND_CONFLICT = "find_conflict"  # the primary register names another holder
    REFUSE_RECORD = "refuse_record"  # the primary register calls the record itself wrong
    APPROVE = "approve"  # 核准
    RETURN = "return"  # 核准退回
    RESUBMIT = "resubmit"  # handed in again after 退回
    UNDO = "undo"  # the county takes its own 核准 or 退回 back
    REVERSE = "reverse"  # 撤销调档
    CREATE = "create"  # the primary register's receipt for a new record arrived
    WITHDRAW = "withdraw"  # taken off the list


@dataclass(frozen=True, slots=True)
class Situation:
    """A state, with its reason where the state is `held`."""

    state: State
    hold: Hold | None = None

    def __str__(self) -> str:
        return f"{self.state}:{self.hold}" if self.hold else self.state


class NotAllowed(JisuiError):
    """The event has no place in this situation; nothing was changed."""

    def __init__(self, situation: Situation, event: Event) -> None:
        super().__init__(f"{event} is not allowed in {situation}")
        self.situation = situation
        self.event = event


# Holds that looking led to: looking again may lead elsewhere, and a person may decide.
FOUND_BY_LOOKING = frozenset(Hold) - {
    Hold.DATA_ERROR,
    Hold.ADMISSION_UNCONFIRMED,
    Hold.CLOSING_REFUSED,
    Hold.OUTCOME_UNKNOWN,
}
_BEFORE_THE_WRITES = (
    Situation(State.LISTED),
    Situation(State.NO_SHOW),
    Situation(State.SEARCHING),
    Situation(State.OFFERED),
    Situation(State.CREATE_NEW),
    Situation(State.HELD, Hold.DATA_ERROR),
    Situation(State.HELD, Hold.ADMISSION_UNCONFIRMED),
    *(Situation(State.HELD, hold) for hold in sorted(FOUND_BY_LOOKING)),
)

# event -> {situation before: state after}; `held` takes its reason from the event.
TRANSITIONS: dict[Event, dict[Situation, State]] = {
    Event.REPORT: {
        Situation(State.LISTED): State.SEARCHING,
        Situation(State.NO_SHOW): State.SEARCHING,
    },
    Event.UNREPORT: {
        before: State.LISTED
        for before in _BEFORE_THE_WRITES
        if before.hold not in (Hold.DATA_ERROR, Hold.ADMISSION_UNCONFIRMED)
        and before.state not in (State.LISTED, State.NO_SHOW)
    },
    Event.MISS_DEADLINE: {Situation(State.LISTED): State.NO_SHOW},
    Event.FIND_FAULT: {Situation(State.LISTED): State.HELD},
    Event.CORRECT: {Situation(State.HELD, Hold.DATA_ERROR): State.LISTED},
    Event.LACK_CONFIRMATION: {Situation(State.LISTED): State.HELD},
    Event.CONFIRM_LIST: {Situation(State.HELD, Hold.ADMISSION_UNCONFIRMED): State.LISTED},
    Event.LOOK: {
        Situation(State.OFFERED): State.SEARCHING,
        Situation(State.CREATE_NEW): State.SEARCHING,
        **{Situation(State.HELD, hold): State.SEARCHING for hold in sorted(FOUND_BY_LOOKING)},
    },
    Event.HOLD: {Situation(State.SEARCHING): State.HELD},
    Event.OFFER: {Situation(State.SEARCHING): State.OFFERED},
    Event.FIND_NOTHING: {Situation(State.SEARCHING): State.CREATE_NEW},
    Event.FINISH: {Situation(State.SEARCHING): State.ACCEPTED},
    Event.CONFIRM: {Situation(State.OFFERED): State.ACCEPTED},
    Event.CHOOSE: {
        Situation(State.HELD, Hold.TO_CONFIRM): State.SEARCHING,
        Situation(State.HELD, Hold.AMBIGUOUS): State.SEARCHING,
        Situation(State.HELD, Hold.DUPLICATE_PRESCHOOL): State.SEARCHING,
    },
    Event.REJECT: {
        Situation(State.OFFERED): State.SEARCHING,
        Situation(State.HELD, Hold.TO_CONFIRM): State.SEARCHING,
        Situation(State.HELD, Hold.AMBIGUOUS): State.SEARCHING,
        Situation(State.HELD, Hold.DUPLICATE_PRESCHOOL): State.SEARCHING,
    },
    Event.CARRY: {
        Situation(State.ACCEPTED): State.CARRIED,
        Situation(State.SEARCHING): State.CARRIED,
        Situation(State.HELD, Hold.CLOSING_REFUSED): State.CARRIED,
    },
    Event.LOSE_ANSWER: {Situation(State.ACCEPTED): State.HELD},
    Event.RECONCILE: {Situation(State.HELD, Hold.OUTCOME_UNKNOWN): State.ACCEPTED},
    Event.REFUSE_CLOSING: {Situation(State.ACCEPTED): State.HELD},
    Event.FIND_CONFLICT: {Situation(State.ACCEPTED): State.HELD},
    Event.REFUSE_RECORD: {Situation(State.ACCEPTED): State.HELD},
    Event.APPROVE: {Situation(State.CARRIED): State.REGISTERED},
    Event.RETURN: {Situation(State.CARRIED): State.RETURNED},
    Event.RESUBMIT: {Situation(State.RETURNED): State.CARRIED},
    Event.UNDO: {
        Situation(State.REGISTERED): State.CARRIED,
        Situation(State.RETURNED): State.CARRIED,
    },
    Event.REVERSE: {
        Situation(State.CARRIED): State.REVERSED,
        Situation(State.RETURNED): State.REVERSED,
    },
    Event.CREATE: {Situation(State.CREATE_NEW): State.CREATED},
    Event.WITHDRAW: dict.fromkeys(_BEFORE_THE_WRITES, State.WITHDRAWN),
}

# The only hold each event may lead to; HOLD and FIND_CONFLICT carry one of several.
_HOLDS_AFTER: dict[Event, frozenset[Hold]] = {
    Event.FIND_FAULT: frozenset({Hold.DATA_ERROR}),
    Event.LACK_CONFIRMATION: frozenset({Hold.ADMISSION_UNCONFIRMED}),
    Event.HOLD: FOUND_BY_LOOKING,
    Event.LOSE_ANSWER: frozenset({Hold.OUTCOME_UNKNOWN}),
    Event.REFUSE_CLOSING: frozenset({Hold.CLOSING_REFUSED}),
    Event.REFUSE_RECORD: frozenset({Hold.UNMAPPED_CODE}),
    Event.FIND_CONFLICT: frozenset({Hold.CLAIMED_ELSEWHERE, Hold.ALREADY_ENROLLED}),
}


def transition(before: Situation, event: Event, hold: Hold | None = None) -> Situation:
    """The situation after `event`; raise `NotAllowed` where it has no place.

    `hold` must be given exactly where the event leads to one of several holds.
    """
    after = TRANSITIONS[event].get(before)
    if after is None:
        raise NotAllowed(before, event)
    if after is not State.HELD:
        return Situation(after)
    return Situation(State.HELD, _hold_after(before, event, hold))


def holds_after(event: Event) -> frozenset[Hold]:
    """The holds an event may lead to; empty where it leads to none."""
    return _HOLDS_AFTER.get(event, frozenset())


def _hold_after(before: Situation, event: Event, hold: Hold | None) -> Hold:
    possible = _HOLDS_AFTER[event]
    if hold is None and len(possible) == 1:
        return next(iter(possible))
    if hold not in possible:
        raise NotAllowed(before, event)
    return hold
