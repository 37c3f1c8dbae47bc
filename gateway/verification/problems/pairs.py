"""Duplicates (查重) as queries: records that share a document, or a name, sex and birth date."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    Subquery,
    and_,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from contracts.outcomes import Outcome
from gateway.people.indexes import Indexes
from gateway.verification.problems.findings import Finding
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.tables import known_different
from gateway.verification.tables import verifications

Rows = Select[*tuple[Any, ...]]
Pair = Row[tuple[Any, ...]]
Which = Callable[[Subquery], ColumnElement[bool]]

INDEXES = ("document_index", "person_index")


def pairs(rows: Rows, which: Which) -> CompoundSelect[*tuple[Any, ...]]:
    """Every pair of records of which `which` chooses the first, but pairs known to be different.

    Records that share name, sex and birth date only are no pair where the register knows both under
    documents of their own, and none yet while it has not answered about both.
    """
    mine, other = rows.subquery("mine"), rows.subquery("other")
    same_document = mine.c.document_index == other.c.document_index
    same_person = and_(
        mine.c.person_index == other.c.person_index,
        func.coalesce(mine.c.document_index, "") != func.coalesce(other.c.document_index, "-"),
    )
    sharing_document = _pair(mine, other).where(same_document)
    sharing_person = _answered(_pair(mine, other).where(same_person), mine, other)
    one, two = mine.c.subject_id, other.c.subject_id
    chosen = and_(which(mine), one != two, not_(_told_apart(one, two)))
    return union_all(sharing_document.where(chosen), sharing_person.where(chosen))


def shared_values(rows: Rows, index: str, after: str, limit: int) -> Select[str]:
    """The next values of an index that more than one record has."""
    held = rows.subquery()
    value = held.c[index]
    shared = select(value).where(value > after).group_by(value).having(func.count() > 1)
    return shared.order_by(value).limit(limit)


def shares(rows: Rows, subject_id: str, indexes: Indexes) -> ColumnElement[bool]:
    """Whether another record has this document; without one, this name, sex and birth date."""
    held = rows.subquery()
    same = held.c.document_index == indexes.document
    if indexes.document is None:
        same = and_(held.c.document_index.is_(None), held.c.person_index == indexes.person)
    other = held.c.subject_id != subject_id
    told = _told_apart(literal(subject_id), held.c.subject_id)
    return exists().where(same, other, not_(told))


def findings_of(pair: Pair) -> Iterator[Finding]:
    """The finding against each of the two."""
    problem_class = _class(pair)
    yield Finding(
        pair.subject_id,
        pair.key_id,
        pair.school,
        pair.area,
        problem_class,
        counterpart=pair.other_id,
        counterpart_area=pair.other_area,
    )
    yield Finding(
        pair.other_id,
        pair.other_key_id,
        pair.other_school,
        pair.other_area,
        problem_class,
        counterpart=pair.subject_id,
        counterpart_area=pair.area,
    )


def _class(pair: Pair) -> ProblemClass:
    if pair.document_index is None or pair.document_index != pair.other_document_index:
        return ProblemClass.PERSON_TWICE
    one_person = pair.person_index == pair.other_person_index
    return (
        ProblemClass.DOCUMENT_TWICE_ONE_PERSON
        if one_person
        else ProblemClass.DOCUMENT_TWICE_TWO_PERSONS
    )


def _pair(mine: Subquery, other: Subquery) -> Rows:
    return select(
        *mine.c,
        other.c.subject_id.label("other_id"),
        other.c.key_id.label("other_key_id"),
        other.c.school.label("other_school"),
        other.c.area.label("other_area"),
        other.c.document_index.label("other_document_index"),
        other.c.person_index.label("other_person_index"),
    )


def _answered(query: Rows, mine: Subquery, other: Subquery) -> Rows:
    first, second = verifications.alias("first"), verifications.alias("second")
    documents = and_(mine.c.document_index.is_not(None), other.c.document_index.is_not(None))
    match = Outcome.MATCH.value
    both_known = and_(documents, first.c.outcome == match, second.c.outcome == match)
    return (
        query.where(first.c.subject_id == mine.c.subject_id, first.c.outcome.is_not(None))
        .where(second.c.subject_id == other.c.subject_id, second.c.outcome.is_not(None))
        .where(not_(both_known))
    )


def _told_apart(one: ColumnElement[str], two: ColumnElement[str]) -> ColumnElement[bool]:
    lower, higher = known_different.c.lower_id, known_different.c.higher_id
    return exists().where(or_(and_(lower == one, higher == two), and_(lower == two, higher == one)))
