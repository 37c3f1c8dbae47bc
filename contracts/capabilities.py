"""What a system can do for us, as small protocols: an adapter offers those it can keep."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from contracts.outcomes import Outcome
from contracts.records import CanonicalRecord, Document, Institution, PreschoolRecord, PrimaryRecord

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Which records carry this student number?"""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByDocument:
    """Which records carry this document?"""

    document: Document


@dataclass(frozen=True, slots=True)
class ByPerson:
    """Which records carry this name, sex and birth date?"""

    name: str = field(repr=False)
    sex: str
    born_on: date = field(repr=False)


@dataclass(frozen=True, slots=True)
class ByGuardian:
    """Which records name a guardian with this document number?"""

    document_number: str = field(repr=False)


Question = ByNumber | ByDocument | ByPerson | ByGuardian


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What a system answered, with the bytes that went out and came back."""

    value: T
    asked: bytes = field(repr=False)
    answered: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A register's word that it did what we asked under `request_id`."""

    request_id: str
    receipt_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Advance:
    """The 升学 mark: this record goes to that school on that day, under our id."""

    request_id: str
    record_id: str
    number: str = field(repr=False)
    school: str
    on: date


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A primary record to create under a carried number, under our id."""

    request_id: str
    school: str
    child: CanonicalRecord


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """One line of a register's change feed: its version, kind and the record after it.

    `code` is the register's own word for what happened, empty where it has none; `request_id` the
    request that caused it, where one did.
    """

    version: int
    kind: str
    occurred_at: datetime
    record: R
    previous_number: str | None = field(default=None, repr=False)
    code: str = ""
    code_system: str = ""
    institution_before: str | None = None
    institution_after: str | None = None
    request_id: str | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Changes(Generic[R]):
    """A page of a change feed; ask again after `cursor` while `more` is true."""

    changes: tuple[Change[R], ...]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A document number and a name to be held against the population register."""

    citizen_number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome for one claim and the register's own code for it."""

    outcome: Outcome
    code: str = ""
    as_of: date | None = None  # the day of the data it rests on, where the register says it


@dataclass(frozen=True, slots=True)
class Asker:
    """On whose behalf the population register is asked, and where the business happens."""

    unit: str  # full name of the unit that uses the service, at most twenty characters
    area: str  # GB/T 2260, six digits
    business: str
    # What some registers ask for besides; blank where it is left to what was registered there.
    unit_code: str = ""  # 统一社会信用代码
    business_code: str = ""
    person: str = field(default="", repr=False)  # the natural person who asks
    person_number: str = field(default="", repr=False)


class PreschoolSearch(Protocol):
    """Finds preschool records, up to `batch_limit` questions at once."""

    batch_limit: int

    async def find(
        self, questions: Sequence[Question], *, trace_id: str
    ) -> Reply[tuple[tuple[PreschoolRecord, ...], ...]]:
        """The records for each question, in the order asked."""


class Advancement(Protocol):
    """Marks preschool records 升学 and takes the mark back; idempotent by `request_id`."""

    async def advance(self, mark: Advance, *, trace_id: str) -> Reply[Receipt]:
        """The register's receipt; raise `ClosingRefused` or `OutcomeUnknown`."""

    async def undo_advance(self, mark: Advance, *, trace_id: str) -> Reply[Receipt]:
        """The register's receipt for taking the mark back."""

    async def advancement(self, request_id: str, *, trace_id: str) -> Reply[Receipt | None]:
        """What became of the mark sent under this id; None where none arrived."""


class PreschoolChanges(Protocol):
    """The preschool register's change feed."""

    async def preschool_changes(
        self, after: int, limit: int, *, trace_id: str
    ) -> Reply[Changes[PreschoolRecord]]:
        """The changes after a version, oldest first."""


class StudentSearch(Protocol):
    """Finds primary and secondary students, up to `batch_limit` questions at once."""

    batch_limit: int

    async def find(
        self, questions: Sequence[Question], *, trace_id: str
    ) -> Reply[tuple[tuple[PrimaryRecord, ...], ...]]:
        """The students for each question, in the order asked."""


class EnrolmentDesk(Protocol):
    """Creates primary records and removes unapproved ones; idempotent by `request_id`."""

    async def create(self, enrolment: Enrolment, *, trace_id: str) -> Reply[Receipt]:
        """The register's receipt; raise `NumberTaken` or `OutcomeUnknown`."""

    async def remove(self, request_id: str, *, trace_id: str) -> Reply[Receipt]:
        """The receipt for removing the still unapproved record made under this id."""

    async def enrolment(self, request_id: str, *, trace_id: str) -> Reply[Receipt | None]:
        """What became of the record sent under this id; None where none arrived."""


class StudentChanges(Protocol):
    """The primary and secondary register's change feed."""

    async def student_changes(
        self, after: int, limit: int, *, trace_id: str
    ) -> Reply[Changes[PrimaryRecord]]:
        """The changes after a version, oldest first."""


@dataclass(frozen=True, slots=True)
class RollPage:
    """A page of the children attending kindergartens; ask again after the last one's key."""

    records: tuple[PreschoolRecord, ...] = field(repr=False)
    more: bool


class PreschoolRoll(Protocol):
    """Lists the records of children who attend kindergartens of an area."""

    async def roll(self, area: str, after: str, limit: int, *, trace_id: str) -> Reply[RollPage]:
        """The records after a key, in the order of their keys.

        `area` is the leading digits of the area in charge, two to six of them.
        """


class Directory(Protocol):
    """A register's list of institutions."""

    async def institutions(
        self, codes: Sequence[str], *, trace_id: str
    ) -> Reply[tuple[Institution, ...]]:
        """Those of the institutions asked for that the register knows."""


class IdentityCheck(Protocol):
    """Holds claims against the population register, up to `batch_limit` at once."""

    batch_limit: int

    async def check(
        self, claims: Sequence[Claim], asker: Asker, *, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        """A verdict for each claim, in the order asked; UNKNOWN where none may be relied on."""


@dataclass(frozen=True, slots=True)
class Admission:
    """One entrant as the enrolment platform lists it, labels as written there."""

    cells: dict[str, str] = field(repr=False)


class AdmissionLists(Protocol):
    """Hands out the admission list of a school."""

    async def admissions(self, school: str, *, trace_id: str) -> Reply[tuple[Admission, ...]]:
        """The entrants of one school, in the platform's order."""
