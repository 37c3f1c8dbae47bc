"""One entry of the evidence: who did what, for which purpose, to whom, and what came of it.

Its canonical bytes are a version byte, 0x01, and JSON after RFC 8785: members sorted (their names
are ASCII), no spaces, UTF-8. All values are texts but `at` (milliseconds since 1970) and `subjects`
(one hash a child, in the order of their rows). A position is no part of them: it is given after the
commit. The hash of a child is SHA-256 over a salt of 16 bytes and the child's detail as JSON.
Without the salt, which is sealed with the detail, nobody can try out children against the hash.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from contracts.citizen_number import well_formed
from contracts.errors import JisuiError
from gateway.sealing import DataKey

SALT_LENGTH = 16
_VERSION = b"\x01"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
).encode
# Bounded by anything but letters and digits, so that a digest in hexadecimal never looks like one.
_NUMBER = re.compile(rb"(?<![0-9A-Za-z])([GJLgjl]?)([0-9]{17}[0-9Xx])(?![0-9A-Za-z])")
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_SEVENTEEN = b"0" * 17


class Action(StrEnum):
    """Everything that is evidence; there is no entry about anything else."""

    REGISTER_ASKED = "register.asked"
    REGISTER_ANSWERED = "register.answered"
    INTAKE_RECEIVED = "intake.received"
    INTAKE_REFUSED = "intake.refused"
    INTAKE_CONFIRMED = "intake.confirmed"
    INTAKE_EXPORTED = "intake.exported"
    HANDOVER_REPORTED = "handover.reported"
    HANDOVER_MOVED = "handover.moved"
    HANDOVER_PROPOSED = "handover.proposed"
    HANDOVER_CONFIRMED = "handover.confirmed"
    HANDOVER_CHOSEN_CANDIDATE = "handover.chosen_candidate"
    HANDOVER_REJECTED_CANDIDATE = "handover.rejected_candidate"
    HANDOVER_APPROVED = "handover.approved"
    HANDOVER_RETURNED = "handover.returned"
    HANDOVER_REVERSED = "handover.reversed"
    HANDOVER_WITHDRAWN = "handover.withdrawn"
    HANDOVER_DECIDED = "handover.decided"
    HANDOVER_ESCALATED = "handover.escalated"
    VERIFICATION_REQUESTED = "verification.requested"
    SEARCH = "search"
    NUMBER_RESOLVED = "number.resolved"
    NUMBER_CHANGED = "number.changed"
    RECORD_VIEWED = "record.viewed"
    RECORD_CHANGED = "record.changed"
    RECORD_ERASED = "record.erased"
    ACCESS_DENIED = "access.denied"
    REQUEST_FAILED = "request.failed"
    ACCESS_STOPPED = "access.stopped"
    ACCESS_RELEASED = "access.released"
    HONEY_CHANGED = "honey.changed"
    TOKEN_ISSUED = "token.issued"  # noqa: S105 - the name of an action
    TOKEN_REFUSED = "token.refused"  # noqa: S105 - the name of an action
    CALLER_CHANGED = "caller.changed"
    PROBLEM_OPENED = "problem.opened"
    PROBLEM_UPDATED = "problem.updated"
    PROBLEM_PROPOSED = "problem.proposed"
    PROBLEM_CHECKED = "problem.checked"
    PROBLEM_CONFIRMED = "problem.confirmed"
    PROBLEM_REJECTED = "problem.rejected"
    PROBLEM_REFERRED = "problem.referred"
    PROBLEM_DECIDED = "problem.decided"
    PROBLEM_ESCALATED = "problem.escalated"
    PROBLEM_EXPORTED = "problem.exported"
    PROBLEM_CLOSED = "problem.closed"
    PERIODIC_STARTED = "periodic.started"
    PERIODIC_CLOSED = "periodic.closed"
    PERIODIC_ESCALATED = "periodic.escalated"
    PERIODIC_EXPORTED = "periodic.exported"
    ROSTER_LISTED = "roster.listed"
    ROSTER_MARKED = "roster.marked"
    ROSTER_CONFIRMED = "roster.confirmed"
    ROSTER_REJECTED = "roster.rejected"
    ROSTER_SIGNED = "roster.signed"
    NOTICE_RECEIVED = "notice.received"
    NOTICE_PROPOSED = "notice.proposed"
    NOTICE_CONFIRMED = "notice.confirmed"
    NOTICE_REJECTED = "notice.rejected"
    NOTICE_EFFECT = "notice.effect"
    NOTICE_WITHDRAWN = "notice.withdrawn"
    NOTICE_ESCALATED = "notice.escalated"
    ENROLMENT_ASKED = "enrolment.asked"
    ENROLMENT_ANSWERED = "enrolment.answered"
    ENROLMENT_REFUSED = "enrolment.refused"
    ENROLMENT_STOPPED = "enrolment.stopped"
    ENROLMENT_RELEASED = "enrolment.released"
    ENROLMENT_PAPER_RECEIVED = "enrolment.paper_received"
    ENROLMENT_PAPER_OVERDUE = "enrolment.paper_overdue"
    ENROLMENT_SHIELD = "enrolment.shield"
    SUBSCRIPTION_GRANTED = "subscription.granted"
    SUBSCRIPTION_CHANGED = "subscription.changed"
    SUBSCRIPTION_SUSPENDED = "subscription.suspended"
    SUBSCRIPTION_RESUMED = "subscription.resumed"
    SUBSCRIPTION_STOPPED = "subscription.stopped"
    SUBSCRIPTION_ROTATED = "subscription.rotated"
    SUBSCRIPTION_REPLAYED = "subscription.replayed"
    SNAPSHOT_TAKEN = "snapshot.taken"
    SNAPSHOT_FETCHED = "snapshot.fetched"
    CLAIM_REDEEMED = "claim.redeemed"
    FEED_PULLED = "feed.pulled"
    FEED_ACKNOWLEDGED = "feed.acknowledged"
    FEED_DELIVERED = "feed.delivered"
    FEED_SET_ASIDE = "feed.set_aside"
    LANE_STOPPED = "lane.stopped"
    LANE_RESUMED = "lane.resumed"
    CONFIGURATION_CHANGED = "configuration.changed"
    LOG_HEARTBEAT = "log.heartbeat"
    EVIDENCE_SEARCHED = "evidence.searched"
    EVIDENCE_EXPORTED = "evidence.exported"
    DETAILS_EXPIRED = "details.expired"
    HOLD_PLACED = "hold.placed"
    HOLD_RELEASED = "hold.released"
    KEY_OPENED = "key.opened"
    BACKUP_TAKEN = "backup.taken"
    BACKUP_RESTORED = "backup.restored"


class PersonalContent(JisuiError):
    """An entry was about to carry a citizen number or a student number in the clear."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: the calling system, the person it names, that person's role and institution."""

    caller: str
    user: str
    role: str
    institution: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A child an entry is about: its blind reference and what is kept, sealed under its own key."""

    ref: str
    key_id: str
    key: DataKey = field(repr=False)
    detail: Mapping[str, object] = field(repr=False)
    row: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be put on record; `content` says more in words that are about no person."""

    action: Action
    outcome: str
    actor: Actor
    purpose: str
    basis: str
    case: str
    object_ref: str
    request_id: str
    subjects: Sequence[Subject] = ()
    content: Mapping[str, str] = field(default_factory=dict)
    approval: str = ""
    approver: str = ""


def canonical_bytes(
    entry: Entry, *, log_id: str, entry_id: str, at: datetime, subjects: Sequence[str]
) -> bytes:
    """The bytes that are hashed for ever; raise `PersonalContent` rather than write a number."""
    text = _encode(
        {
            "action": entry.action,
            "actor": entry.actor.user,
            "approval": entry.approval,
            "approver": entry.approver,
            "at": _milliseconds(at),
            "basis": entry.basis,
            "caller": entry.actor.caller,
            "case": entry.case,
            "content": dict(entry.content),
            "id": entry_id,
            "institution": entry.actor.institution,
            "log": log_id,
            "object": entry.object_ref,
            "outcome": entry.outcome,
            "purpose": entry.purpose,
            "request": entry.request_id,
            "role": entry.actor.role,
            "subjects": subjects,
        }
    ).encode()
    if _names_a_person(text):
        raise PersonalContent("an entry carries no number of a person")
    return _VERSION + text


def detail_bytes(subject: Subject, salt: bytes) -> bytes:
    """What is sealed for one child: the salt, then its detail."""
    return salt + _encode(dict(subject.detail)).encode()


def subject_hash(salted_detail: bytes) -> str:
    """The hash by which an entry commits to one child's detail."""
    return hashlib.sha256(salted_detail).hexdigest()


def _names_a_person(text: bytes) -> bool:
    # Most texts hold no such run of digits, which is ten times cheaper to see than to match.
    if _SEVENTEEN not in text.translate(_DIGITS_AS_ZERO):
        return False
    found = _NUMBER.findall(text)
    return any(kind or well_formed(digits.decode().upper()) for kind, digits in found)


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND
