"""What a change needs to be known by, of a record of either register."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from contracts.events import Stage
from contracts.records import Identity, PreschoolRecord, PrimaryRecord
from mappings.changes import ChangeMapping

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Facts:
    """A record as a change shows it; `status` is the register's word, or ours where it has one."""

    record_id: str
    institution: str
    status: str
    identity: Identity = field(repr=False)
    approved: bool = True
    advanced_to: str = ""
    grade: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Register(Generic[R]):
    """One register: how its records are looked at, and which words its feed may use."""

    system: str
    stage: Stage
    facts: Callable[[R], Facts]
    mapping: Callable[[], ChangeMapping]  # asked each time: tables are reloaded
    statuses: Callable[[], Collection[str]]


def preschool_facts(record: PreschoolRecord) -> Facts:
    """A kindergarten child; a status without a word of ours is empty."""
    return Facts(
        record_id=record.record_id,
        institution=record.institution,
        status=record.status.value if record.status else "",
        identity=record.child.identity,
        advanced_to=record.advanced_to or "",
        grade=record.child.fields.get("grade"),
    )


def student_facts(record: PrimaryRecord) -> Facts:
    """A pupil."""
    return Facts(
        record_id=record.record_id,
        institution=record.school,
        status=record.status_label.strip(),
        identity=record.child.identity,
        approved=record.approved,
        grade=record.child.fields.get("grade"),
        request_id=record.request_id,
    )
