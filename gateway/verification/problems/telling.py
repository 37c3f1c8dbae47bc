"""Problem records as status changes: opened for a child, closed, and records merged or split."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Event, Stage
from gateway.feed.recording import NOWHERE, Place, Recorder, StatusChange
from gateway.sealing import DataKey
from gateway.verification.problems.record import Record
from gateway.verification.problems.rules.states import State

JISUI = "jisui"


class Persons(Protocol):
    """Knows which person of the index each subject is."""

    async def named(
        self, connection: AsyncConnection, handover_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """The persons of the subjects with these ids; those not known are absent."""


@dataclass(frozen=True, slots=True)
class Told:
    """A problem record as stored, the state it came from, and the word for what happened."""

    before: State | None
    record: Record
    word: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of several records that a decision is about."""

    subject_id: str
    school: str
    area: str
    key_id: str
    key: DataKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Telling:
    """Records what steps of problem records mean to the feed, of pupils and of `kindergartens`."""

    recorder: Recorder
    persons: Persons
    kindergartens: Persons

    async def record(
        self, connection: AsyncConnection, steps: Sequence[Told], keys: Mapping[str, DataKey]
    ) -> None:
        """Record every opening and closing; of what only offices may know nothing is told."""
        told = [
            (step, event)
            for step in steps
            if not step.record.confidential and (event := event_of(step.before, step.record.state))
        ]
        if not told:
            return
        subjects = sorted({step.record.subject_id for step, _ in told})
        persons, young = await self._named(connection, subjects)
        changes = [
            _change(step.record, event, step.word, persons, young, keys) for step, event in told
        ]
        await self.recorder.record(connection, changes)

    async def record_sides(
        self,
        connection: AsyncConnection,
        sides: Sequence[Side],
        event: Event,
        word: str,
        at: datetime,
        *,
        ends: str = "",
    ) -> Mapping[str, str]:
        """Record of every side what was decided about all; the record `ends` names is no more.

        The person each side is about, by subject.
        """
        persons, young = await self._named(connection, [side.subject_id for side in sides])
        changes = [
            StatusChange(
                person_id=persons.get(side.subject_id, side.subject_id),
                key_id=side.key_id,
                key=side.key,
                event=event,
                stage=Stage.PRESCHOOL if side.subject_id in young else Stage.PRIMARY,
                occurred_at=at,
                source=JISUI,
                source_code=word,
                before=Place(side.school, side.area),
                after=NOWHERE if side.subject_id == ends else Place(side.school, side.area),
            )
            for side in sides
        ]
        await self.recorder.record(connection, changes)
        return persons

    async def _named(
        self, connection: AsyncConnection, subjects: Sequence[str]
    ) -> tuple[Mapping[str, str], Container[str]]:
        """The persons of these subjects, and which of them are kindergartens'."""
        pupils = await self.persons.named(connection, subjects)
        rest = [one for one in subjects if one not in pupils]
        young = await self.kindergartens.named(connection, rest) if rest else {}
        return {**pupils, **young}, young


def event_of(before: State | None, after: State | None) -> Event | None:
    """What a step is to the feed; None where it neither opens nor closes."""
    if before is None:
        return Event.PROBLEM_OPENED
    if after is State.CLOSED and before is not State.CLOSED:
        return Event.PROBLEM_CLOSED
    return None


def _change(
    record: Record,
    event: Event,
    word: str,
    persons: Mapping[str, str],
    young: Container[str],
    keys: Mapping[str, DataKey],
) -> StatusChange:
    here = Place(record.school, record.area)
    return StatusChange(
        person_id=persons.get(record.subject_id, record.subject_id),
        key_id=record.key_id,
        key=keys[record.key_id],
        event=event,
        stage=Stage.PRESCHOOL if record.subject_id in young else Stage.PRIMARY,
        occurred_at=record.since_at,
        source=JISUI,
        source_code=word,
        before=here,
        after=here,
    )
