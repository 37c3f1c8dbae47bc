"""What the evidence says of calls: asked, answered, given up; and of lanes stopped and resumed."""

import hashlib
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Row

from contracts.capabilities import Reply
from contracts.errors import SystemFailure
from gateway.calls.call import PURPOSE, WORKER, Call
from gateway.calls.lanes import STOPPED, Lane
from gateway.evidence import Action, Actor, Entry, Subject

T = TypeVar("T")


def lane_entry(action: Action, actor: Actor, lane: Lane) -> Entry:
    """A lane was stopped, by an operator or by a doubt about our entitlement, or resumed."""
    return Entry(
        action=action,
        outcome=lane.reason,
        actor=actor,
        purpose=PURPOSE,
        basis="",
        case="",
        object_ref=lane.system,
        request_id="",
        # What an operator wrote stays with the lane: entries hold no free text.
        content={} if lane.reason == STOPPED else {"code": lane.code},
    )


def asked_entry(call: Call[T]) -> Entry:
    """A question is about to leave."""
    return Entry(
        action=Action.REGISTER_ASKED,
        outcome="asked",
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case=call.case,
        object_ref=call.call_id,
        request_id=call.trace_id,
        subjects=call.subjects,
        content={"system": call.system, "operation": call.operation},
    )


def answered_entry(call: Call[T], answer: Reply[T] | SystemFailure) -> Entry:
    """What a question came to."""
    content = {"system": call.system, "operation": call.operation}
    subjects = call.subjects
    if isinstance(answer, SystemFailure):
        outcome = type(answer).__name__
        content["code"] = answer.code
    else:
        outcome = "answered"
        content["asked_sha256"] = hashlib.sha256(answer.asked).hexdigest()
        content["answered_sha256"] = hashlib.sha256(answer.answered).hexdigest()
        subjects = _with_answers(call, answer)
    return Entry(
        action=Action.REGISTER_ANSWERED,
        outcome=outcome,
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case=call.case,
        object_ref=call.call_id,
        request_id=call.trace_id,
        subjects=subjects,
        content=content,
    )


def _with_answers(call: Call[T], answer: Reply[T]) -> tuple[Subject, ...]:
    if call.summarise is None:
        return call.subjects
    details = call.summarise(answer.value)
    pairs = zip(call.subjects, details, strict=True)
    return tuple(replace(subject, detail=detail) for subject, detail in pairs)


def abandoned_entry(row: Row[tuple[object, ...]]) -> Entry:
    """Nobody knows what a question came to: its process died."""
    return Entry(
        action=Action.REGISTER_ANSWERED,
        outcome="unknown",
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case="",
        object_ref=row.call_id,
        request_id=row.trace_id,
        content={"system": row.system, "operation": row.operation, "code": "abandoned"},
    )
