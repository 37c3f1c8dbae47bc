"""The canonical record: one child as a register holds it, in our words, with its provenance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Document:
    """An identity document: its kind as JY/T 1001 SFZJLX, its label as read, its number.

    `kind` is empty where the label has no crosswalk row; two such documents are told apart by
    their label.
    """

    kind: str
    label: str
    number: str = field(repr=False)

    def same_as(self, other: "Document") -> bool:
        """Whether both name one document: same kind (or unlisted label) and same number."""
        return self.number == other.number and (self.kind or self.label) == (
            other.kind or other.label
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one child from another; every blank is None, never an empty text."""

    name: str = field(repr=False)
    sex: str  # GB/T 2261.1: 1 男, 2 女, 0 or 9 not known
    born_on: date | None = field(repr=False)
    document: Document | None
    number: str | None = field(repr=False)
    guardian_documents: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value comes from and when it was read there."""

    source: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class UnmappedValue:
    """A value that no crosswalk row covers; `owner` keeps the table it is missing from."""

    field: str
    code_system: str
    value: str
    owner: str


@dataclass(frozen=True, slots=True)
class CanonicalRecord:
    """A child's particulars under our field names, codes as national standards write them.

    `extension` keeps what only the source knows, `dropped` the names of fields that may not be
    carried (position, income and workplace of parents), `unmapped` what awaits a crosswalk row.
    """

    identity: Identity
    fields: Mapping[str, str] = field(repr=False)
    extension: Mapping[str, str] = field(repr=False)
    provenance: Provenance
    unmapped: tuple[UnmappedValue, ...] = ()
    dropped: tuple[str, ...] = ()
    overrides: Mapping[str, Provenance] = field(default_factory=dict)

    def provenance_of(self, name: str) -> Provenance:
        """Where the named field's value comes from."""
        return self.overrides.get(name, self.provenance)


class PreschoolStatus(StrEnum):
    """The status of a preschool record (学前学籍状态)."""

    ENROLLED = "enrolled"  # 在园
    GRADUATED = "graduated"  # 毕业
    LEFT = "left"  # 离园
    DEFERRED = "deferred"  # 缓学留园
    IN_TRANSFER = "in_transfer"  # 转园中
    PENDING = "pending"  # 待核准
    PROBLEM = "problem"  # 问题学籍
    CANCELLED = "cancelled"  # 注销
    ADVANCED = "advanced"  # 升学

    @property
    def live(self) -> bool:
        """Whether the record still stands for a child in preschool."""
        return self not in _ENDED


_ENDED = frozenset({PreschoolStatus.LEFT, PreschoolStatus.CANCELLED, PreschoolStatus.ADVANCED})


@dataclass(frozen=True, slots=True)
class PreschoolRecord:
    """One record of the preschool register; `record_id` is the register's own key."""

    record_id: str
    institution: str
    status: PreschoolStatus | None  # None: a status label without a crosswalk row
    child: CanonicalRecord
    advanced_to: str | None = None
    deferral_reference: str | None = None
    deferred_until: date | None = None


@dataclass(frozen=True, slots=True)
class PrimaryRecord:
    """One student of the primary and secondary register.

    `live` is True for 在读 and 休学; `request_id` is the id we created it under, where we did.
    """

    record_id: str
    school: str
    status_label: str
    live: bool
    approved: bool
    child: CanonicalRecord
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Institution:
    """A kindergarten or school as its register lists it."""

    code: str
    name: str
    kind: str
    region: str
    authority: str  # twelve digits; the county's code padded where the register names none
    status: str  # open, closed or merged
    merged_into: str | None = None
