"""How intake asks the two registers: in batches, every question and answer on record."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import (
    ByDocument,
    ByGuardian,
    ByNumber,
    ByPerson,
    Directory,
    PreschoolSearch,
    Question,
    Reply,
    StudentSearch,
)
from contracts.errors import SystemFailure, Unreadable
from contracts.names import fold
from contracts.records import Identity, Institution, PreschoolRecord, PrimaryRecord
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Subject
from gateway.intake.handover import Handover, correct_areas
from gateway.intake.places import load_places, store_places
from gateway.intake.steps.search import Lookup
from gateway.sealing import DataKey, Sealer

T = TypeVar("T")
R = TypeVar("R", PreschoolRecord, PrimaryRecord)

PRESCHOOL = "preschool"
STUDENT_STATUS = "student_status"


@dataclass(frozen=True, slots=True)
class Child:
    """A child a register is asked about."""

    handover: Handover
    key: DataKey
    identity: Identity


@dataclass(frozen=True, slots=True)
class Registers:
    """The two registers, as intake asks them."""

    database: Database
    sealer: Sealer
    clock: Clock
    calls: Calls
    preschool: PreschoolSearch
    students: StudentSearch
    directories: Mapping[str, Directory]

    async def room(self, connection: AsyncConnection, now: datetime, wanted: int) -> int:
        """How many children are worth looking up now, as the lanes to both registers stand."""
        standings = await self.calls.standings(connection, (PRESCHOOL, STUDENT_STATUS))
        if not all(standing.lets_through(now) for standing in standings.values()):
            return 0
        # A lane that has rested gets one probe, not the whole queue at once.
        return 1 if any(standing.closed for standing in standings.values()) else wanted

    async def find_preschool(
        self, asked: Sequence[tuple[str, Question]], children: Mapping[str, Child]
    ) -> list[Sequence[PreschoolRecord]]:
        """The preschool records for each (child, question), in order; raise `SystemFailure`."""
        limit = self.preschool.batch_limit
        parts = [asked[start : start + limit] for start in range(0, len(asked), limit)]
        calls = [self._preschool_call(part, children) for part in parts]
        answers: list[Sequence[PreschoolRecord]] = [
            records for answer in await self._exchange(calls) for records in answer
        ]
        _refuse_strangers(PRESCHOOL, asked, answers, children)
        return answers

    async def find_students(
        self, lookups: Sequence[Lookup], children: Mapping[str, Child]
    ) -> Mapping[str, list[PrimaryRecord]]:
        """The primary records that carry a child's document or number, by handover."""
        asked = [
            (lookup.child_id, question) for lookup in lookups for question in _identifying(lookup)
        ]
        limit = self.students.batch_limit
        parts = [asked[start : start + limit] for start in range(0, len(asked), limit)]
        calls = [self._student_call(part, children) for part in parts]
        answers = [records for answer in await self._exchange(calls) for records in answer]
        _refuse_strangers(STUDENT_STATUS, asked, answers, children)
        found: dict[str, list[PrimaryRecord]] = {lookup.child_id: [] for lookup in lookups}
        for (child_id, _), records in zip(asked, answers, strict=True):
            found[child_id] += [r for r in records if r not in found[child_id]]
        return found

    async def learn_places(
        self, schools: AbstractSet[str], kindergartens: AbstractSet[str]
    ) -> None:
        """Ask the registers' directories for institutions not known yet."""
        async with self.database.reading() as connection:
            known = await load_places(connection, schools | kindergartens)
        wanted = {STUDENT_STATUS: schools - set(known), PRESCHOOL: kindergartens - set(known)}
        calls = [self._directory_call(system, codes) for system, codes in wanted.items() if codes]
        places = [place for answer in await self._exchange(calls) for place in answer]
        if places:
            async with self.database.transaction() as connection:
                await store_places(connection, places, self.clock.now())
                await correct_areas(connection, [p for p in places if p.code in schools])

    async def _exchange(self, calls: Sequence[Call[T]]) -> list[T]:
        if not calls:
            return []
        async with self.database.transaction() as connection:
            named = await self.calls.asked(connection, calls)
        answers = await self.calls.send(named)
        async with self.database.transaction() as connection:
            await self.calls.answered(connection, named, answers)
        return [_value(answer) for answer in answers]

    def _preschool_call(
        self, part: Sequence[tuple[str, Question]], children: Mapping[str, Child]
    ) -> Call[tuple[tuple[PreschoolRecord, ...], ...]]:
        trace_id = children[part[0][0]].handover.trace_id
        questions = [question for _, question in part]

        async def send() -> Reply[tuple[tuple[PreschoolRecord, ...], ...]]:
            return await self.preschool.find(questions, trace_id=trace_id)

        subjects = self._subjects(part, children)
        return Call(PRESCHOOL, "find", send, subjects, trace_id, summarise=_record_ids)

    def _student_call(
        self, part: Sequence[tuple[str, Question]], children: Mapping[str, Child]
    ) -> Call[tuple[tuple[PrimaryRecord, ...], ...]]:
        trace_id = children[part[0][0]].handover.trace_id
        questions = [question for _, question in part]

        async def send() -> Reply[tuple[tuple[PrimaryRecord, ...], ...]]:
            return await self.students.find(questions, trace_id=trace_id)

        subjects = self._subjects(part, children)
        return Call(STUDENT_STATUS, "find", send, subjects, trace_id, summarise=_record_ids)

    def _directory_call(
        self, system: str, codes: AbstractSet[str]
    ) -> Call[tuple[Institution, ...]]:
        directory, wanted = self.directories[system], sorted(codes)
        trace_id = self.calls.trace_id()

        async def send() -> Reply[tuple[Institution, ...]]:
            return await directory.institutions(wanted, trace_id=trace_id)

        return Call(system, "institutions", send, (), trace_id)

    def _subjects(
        self, part: Sequence[tuple[str, Question]], children: Mapping[str, Child]
    ) -> tuple[Subject, ...]:
        return tuple(
            subject_of(children[child_id], self.sealer, _detail(question), row)
            for row, (child_id, question) in enumerate(part, 1)
        )


def subject_of(child: Child, sealer: Sealer, detail: Mapping[str, object], row: int) -> Subject:
    """The child as evidence names it: a blind reference, with the detail under its own key."""
    handover = child.handover
    ref = sealer.index("child", handover.handover_id)
    return Subject(ref=ref, key_id=handover.key_id, key=child.key, detail=detail, row=row)


def _identities(lookup: Lookup) -> list[Identity]:
    """The child as listed, and as its matched record says."""
    matched = lookup.matched
    return [lookup.identity_in_force] + ([matched.child.identity] if matched else [])


def _identifying(lookup: Lookup) -> list[Question]:
    identities = _identities(lookup)
    documents = [identity.document for identity in identities if identity.document]
    numbers = [identity.number for identity in identities if identity.number]
    questions: list[Question] = [*map(ByDocument, documents), *map(ByNumber, numbers)]
    return list(dict.fromkeys(questions))


def _refuse_strangers(
    system: str,
    asked: Sequence[tuple[str, Question]],
    answers: Sequence[Sequence[R]],
    children: Mapping[str, Child],
) -> None:
    """Raise `Unreadable` where a record has nothing to do with its question nor with the child.

    A register that mixes its answers up also keeps from us what it was asked for: nobody may be
    taken for unknown, or for another, on the strength of such an answer.
    """
    for (child_id, question), records in zip(asked, answers, strict=True):
        ours = children[child_id].identity
        if not all(_fits(question, ours, record.child.identity) for record in records):
            raise Unreadable(system, "find", "stranger")


def _fits(question: Question, ours: Identity, theirs: Identity) -> bool:
    match question:
        case ByNumber(number) if theirs.number == number:
            return True
        case ByDocument(document) if theirs.document and theirs.document.number == document.number:
            return True
        case ByNumber() | ByDocument():
            # Found in another way, as by a number since replaced: the child all the same.
            return _same_child(ours, theirs)
        case ByPerson(_, sex, born_on):
            return (theirs.sex, theirs.born_on) == (sex, born_on)
        case ByGuardian():
            return True


def _same_child(ours: Identity, theirs: Identity) -> bool:
    if ours.document and theirs.document and ours.document.number == theirs.document.number:
        return True
    same_person = (fold(theirs.name), theirs.sex, theirs.born_on)
    return same_person == (fold(ours.name), ours.sex, ours.born_on)


def _detail(question: Question) -> Mapping[str, object]:
    asked = asdict(question)
    return {"by": type(question).__name__} | {n: _plain(v) for n, v in asked.items()}


def _plain(value: object) -> object:
    return value if isinstance(value, str | dict) else str(value)


def _record_ids(found: Sequence[Sequence[R]]) -> list[Mapping[str, object]]:
    return [{"records": [record.record_id for record in records]} for records in found]


def _value(answer: Reply[T] | SystemFailure) -> T:
    if isinstance(answer, SystemFailure):
        raise answer
    return answer.value
