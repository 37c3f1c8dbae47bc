"""The two foreign writes of a carry-over, as a plan: what to send next, what an answer means.

The primary record is created first, then the preschool record gets its 升学 mark. A write that
left and has no receipt is never sent again before the register was asked what became of it.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from contracts.capabilities import Receipt
from contracts.errors import (
    ClosingRefused,
    Malformed,
    NumberTaken,
    OutcomeUnknown,
    SystemFailure,
)
from contracts.records import PreschoolRecord, PreschoolStatus
from gateway.intake.handover import Handover, replace
from gateway.intake.rules.states import Event, Hold, State

# In a receipt's place: what stood in the register before we wrote, and so is not ours to undo.
FOUND_HERE = "found_here"
MARKED_BEFORE = "marked_before"
NOT_OURS = frozenset({FOUND_HERE, MARKED_BEFORE})


class Write(StrEnum):
    """The writes, in their order."""

    CREATE = "create"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do next for one handover: send a write, or ask what became of it."""

    write: Write
    reconcile: bool


def plan(handover: Handover) -> Plan | None:
    """The next thing to do, or None when both receipts are there."""
    if handover.create_receipt is None:
        return Plan(Write.CREATE, reconcile=handover.writing == Write.CREATE)
    if handover.closing_receipt is None:
        return Plan(Write.CLOSE, reconcile=handover.writing == Write.CLOSE)
    return None


def prepare(handover: Handover, record: PreschoolRecord) -> Handover:
    """The handover with what needs no writing marked as done."""
    marked = record.status is PreschoolStatus.ADVANCED and record.advanced_to == handover.school
    if marked and handover.closing_receipt is None and handover.writing != Write.CLOSE:
        return replace(handover, closing_receipt=MARKED_BEFORE)
    return handover


def sent(handover: Handover, planned: Plan, today: date) -> Handover:
    """The handover as it must be stored before a byte of the write leaves.

    The mark is sent again under the same id, so it carries the day of the first intent for good.
    """
    if planned.reconcile:
        return handover
    leaving = replace(handover, writing=planned.write.value)
    if planned.write is Write.CLOSE and leaving.advanced_on is None:
        return replace(leaving, advanced_on=today.isoformat())
    return leaving


def receipted(handover: Handover, write: Write, receipt: Receipt | None, now: datetime) -> Handover:
    """The handover after a register's word: a receipt, or None where nothing had arrived there."""
    known = replace(handover, writing=None)
    if known.hold == Hold.OUTCOME_UNKNOWN:
        known = known.moved(Event.RECONCILE, now)
    if receipt is None:
        return known
    if write is Write.CREATE:
        return replace(known, create_receipt=receipt.receipt_id)
    return replace(known, closing_receipt=receipt.receipt_id)


def refused(handover: Handover, planned: Plan, failure: SystemFailure, now: datetime) -> Handover:
    """The handover after a call that gave no receipt; unchanged where it is just to be retried."""
    if planned.reconcile:
        return handover  # still not known; asked again later
    if isinstance(failure, OutcomeUnknown):
        lost = handover.state == State.ACCEPTED
        return handover.moved(Event.LOSE_ANSWER, now) if lost else handover
    answered = replace(handover, writing=None)
    if isinstance(failure, NumberTaken):
        return _taken(answered, failure, now)
    if answered.state != State.ACCEPTED:
        return answered
    if isinstance(failure, ClosingRefused):
        return answered.moved(Event.REFUSE_CLOSING, now)
    if isinstance(failure, Malformed):
        return _malformed(answered, planned.write, failure, now)
    return answered


def _malformed(handover: Handover, write: Write, failure: Malformed, now: datetime) -> Handover:
    # What a register calls wrong stays wrong however often it is sent: a person has to see it.
    if write is Write.CLOSE:
        return handover.moved(Event.REFUSE_CLOSING, now)
    said = json.dumps([f"{failure.system}:{failure.code}"])
    return replace(handover.moved(Event.REFUSE_RECORD, now), unmapped=said)


def _taken(handover: Handover, failure: NumberTaken, now: datetime) -> Handover:
    # The refusal does not say under which number the child is held: at this school too it may be
    # another one, and then nothing may be closed under ours. Looking again tells.
    elsewhere = failure.school != handover.school
    hold = Hold.CLAIMED_ELSEWHERE if elsewhere and not failure.approved else Hold.ALREADY_ENROLLED
    return handover.moved(Event.FIND_CONFLICT, now, hold)


def completed(handover: Handover, now: datetime) -> Handover:
    """The handover, carried once both receipts are there."""
    both = handover.create_receipt is not None and handover.closing_receipt is not None
    waiting = handover.state == State.ACCEPTED or handover.hold == Hold.CLOSING_REFUSED
    return handover.moved(Event.CARRY, now) if both and waiting else handover
