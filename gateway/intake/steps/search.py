"""Searching the preschool register for many children at once, one kind of question at a time.

By number, then by document, by name with sex and birth date, and by guardian's document: a child
whose document was corrected is found too, and not numbered twice. A child is settled by the first
kind of question that gives an exact match; otherwise all candidates count together.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from contracts.capabilities import ByDocument, ByGuardian, ByNumber, ByPerson, Question
from contracts.records import Identity, PreschoolRecord
from gateway.people.matching import Candidate, Finding, candidates, conclude

Find = Callable[[Sequence[tuple[str, Question]]], Awaitable[Sequence[Sequence[PreschoolRecord]]]]


@dataclass(slots=True)
class Lookup:
    """One child being searched: what was found so far, without what was rejected before."""

    child_id: str
    identity: Identity
    number: str | None  # the listed number, or the one in force in its place
    rejected: frozenset[str] = frozenset()
    chosen: str | None = None  # the record a person named as this child's
    records: dict[str, PreschoolRecord] = field(default_factory=dict)
    asked: set[Question] = field(default_factory=set)
    candidates: tuple[Candidate, ...] = ()  # the records found that fit, each once

    @property
    def finding(self) -> Finding:
        """What the search has come to."""
        return conclude(self.candidates)

    @property
    def matched(self) -> PreschoolRecord | None:
        """The record this child goes by: the one a person named, where it still fits, or the exact.

        Without either, None.
        """
        named = (c.record for c in self.candidates if c.record.record_id == self.chosen)
        exact = self.finding.exact
        return next(named, exact.record if exact else None)

    @property
    def identity_in_force(self) -> Identity:
        """The row's identity under the number in force."""
        row = self.identity
        return Identity(
            row.name, row.sex, row.born_on, row.document, self.number, row.guardian_documents
        )

    def take(self, found: Sequence[PreschoolRecord]) -> None:
        """Add what the register found, and hold it against the row."""
        for record in found:
            if record.record_id not in self.rejected:
                self.records[record.record_id] = record
        self.candidates = candidates(self.identity_in_force, self.records.values())


async def search(lookups: Sequence[Lookup], find: Find) -> None:
    """Fill every lookup; `find` puts a list of questions to the register in as few calls as fit."""
    for questions_of in (_by_number, _by_document, _by_person, _by_guardian):
        await _ask([lookup for lookup in lookups if not _settled(lookup)], questions_of, find)
    # A record that ended counts only where its document has no live one: make sure of that.
    await _ask(lookups, _by_found_document, find)


async def _ask(
    lookups: Sequence[Lookup], questions_of: Callable[[Lookup], Sequence[Question]], find: Find
) -> None:
    asked = [
        (lookup, question)
        for lookup in lookups
        for question in questions_of(lookup)
        if question not in lookup.asked
    ]
    if not asked:
        return
    answers = await find([(lookup.child_id, question) for lookup, question in asked])
    for (lookup, question), records in zip(asked, answers, strict=True):
        lookup.asked.add(question)
        lookup.take(records)


def _settled(lookup: Lookup) -> bool:
    finding = lookup.finding
    return finding.exact is not None or finding.several_exact


def _by_number(lookup: Lookup) -> Sequence[Question]:
    numbers = dict.fromkeys(n for n in (lookup.number, lookup.identity.number) if n)
    return [ByNumber(number) for number in numbers]


def _by_document(lookup: Lookup) -> Sequence[Question]:
    document = lookup.identity.document
    return [ByDocument(document)] if document else []


def _by_person(lookup: Lookup) -> Sequence[Question]:
    row = lookup.identity
    if row.born_on is None or row.sex not in ("1", "2"):
        return []
    return [ByPerson(row.name, row.sex, row.born_on)]


def _by_guardian(lookup: Lookup) -> Sequence[Question]:
    return [ByGuardian(number) for number in lookup.identity.guardian_documents]


def _by_found_document(lookup: Lookup) -> Sequence[Question]:
    ended = [c.record for c in lookup.candidates if c.record.status and not c.record.status.live]
    documents = [record.child.identity.document for record in ended]
    return [ByDocument(document) for document in documents if document]
