"""Graded matching: how well a register's record fits a row of a school's list.

The rule is exact, because a wrong match gives one child another's record:
*exact* where document, name, birth date and sex agree (or number, name, birth date and sex, where
the row has no document); *probable* where document or number agrees and one other field differs;
*possible* where name, sex and birth date agree while the documents are absent or differ, or where
a guardian's document and the sex agree with the name or the birth date; everything else is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.names import Tier, compare
from contracts.records import Document, Identity, PreschoolRecord


class Grade(StrEnum):
    """How well one record, or a whole search, fits the row."""

    EXACT = "exact"
    PROBABLE = "probable"
    POSSIBLE = "possible"
    NONE = "none"
    MANY = "many"


class Agreement(StrEnum):
    """What comparing one field said; `absent` where one side has no value."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Match:
    """One record held against the row: its grade, and the reason field by field."""

    grade: Grade
    fields: Mapping[str, Agreement]
    name_tier: Tier


def grade(row: Identity, record: Identity) -> Match:
    """The grade of one record for one row, with the reason per field.

    A number that differs from `G` + document is legal and counts as no difference.
    """
    tier = compare(row.name, record.name)
    fields = {
        "document": _document_agreement(row.document, record.document),
        "number": _agreement(row.number, record.number),
        "name": Agreement.AGREES if tier in (Tier.IDENTICAL, Tier.FOLDED) else Agreement.DIFFERS,
        "born_on": _agreement(row.born_on, record.born_on),
        "sex": _sex_agreement(row.sex, record.sex),
        "guardian": _guardian_agreement(row, record),
    }
    return Match(_grade(fields, row.document is not None), fields, tier)


def _grade(fields: Mapping[str, Agreement], row_has_document: bool) -> Grade:
    def agree(*names: str) -> bool:
        return all(fields[name] is Agreement.AGREES for name in names)

    person = [name for name in ("name", "born_on", "sex") if not agree(name)]
    if agree("document"):
        return (Grade.EXACT, Grade.PROBABLE)[len(person)] if len(person) < 2 else _weaker(fields)
    if agree("number"):
        differing = len(person) + row_has_document
        return (Grade.EXACT, Grade.PROBABLE)[differing] if differing < 2 else _weaker(fields)
    return _weaker(fields)


def _weaker(fields: Mapping[str, Agreement]) -> Grade:
    agreeing = {name for name, agreement in fields.items() if agreement is Agreement.AGREES}
    if {"name", "born_on", "sex"} <= agreeing:
        return Grade.POSSIBLE
    if {"guardian", "sex"} <= agreeing and agreeing & {"name", "born_on"}:
        return Grade.POSSIBLE
    return Grade.NONE


def _agreement(ours: object | None, theirs: object | None) -> Agreement:
    if ours is None or theirs is None:
        return Agreement.ABSENT
    return Agreement.AGREES if ours == theirs else Agreement.DIFFERS


def _document_agreement(ours: Document | None, theirs: Document | None) -> Agreement:
    if ours is None or theirs is None:
        return Agreement.ABSENT
    return Agreement.AGREES if ours.same_as(theirs) else Agreement.DIFFERS


def _sex_agreement(ours: str, theirs: str) -> Agreement:
    known = {"1", "2"}
    if ours not in known or theirs not in known:
        return Agreement.ABSENT
    return Agreement.AGREES if ours == theirs else Agreement.DIFFERS


def _guardian_agreement(row: Identity, record: Identity) -> Agreement:
    if not row.guardian_documents or not record.guardian_documents:
        return Agreement.ABSENT
    shared = set(row.guardian_documents) & set(record.guardian_documents)
    return Agreement.AGREES if shared else Agreement.DIFFERS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that fits the row at least possibly."""

    record: PreschoolRecord
    match: Match


def candidates(row: Identity, records: Iterable[PreschoolRecord]) -> tuple[Candidate, ...]:
    """The records that fit the row, each once, in the order found.

    A record 离园, 注销 or 升学 counts only where no live one among `records` has its document.
    """
    distinct = {record.record_id: record for record in records}
    counting = [r for r in distinct.values() if not _superseded(r, distinct.values())]
    graded = [Candidate(record, grade(row, record.child.identity)) for record in counting]
    return tuple(c for c in graded if c.match.grade is not Grade.NONE)


def _superseded(record: PreschoolRecord, among: Iterable[PreschoolRecord]) -> bool:
    document = record.child.identity.document
    if document is None or record.status is None or record.status.live:
        return False
    return any(
        other.status is not None
        and other.status.live
        and other.child.identity.document is not None
        and other.child.identity.document.same_as(document)
        for other in among
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What a whole search came to: its grade and the candidates that count."""

    grade: Grade
    candidates: tuple[Candidate, ...] = ()

    @property
    def exact(self) -> Candidate | None:
        """The one exact match, or None."""
        return self.candidates[0] if self.grade is Grade.EXACT else None

    @property
    def several_exact(self) -> bool:
        """Whether two records match exactly: one child, two preschool records."""
        return len([c for c in self.candidates if c.match.grade is Grade.EXACT]) > 1


def conclude(found: Sequence[Candidate]) -> Finding:
    """The finding over all candidates: an exact match wins over weaker ones."""
    exact = tuple(c for c in found if c.match.grade is Grade.EXACT)
    counting = exact or tuple(found)
    if not counting:
        return Finding(Grade.NONE)
    if len(counting) > 1:
        return Finding(Grade.MANY, counting)
    return Finding(counting[0].match.grade, counting)
