"""Which moves of a handover are status changes, and recording them for the feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Event, Stage
from contracts.records import Institution
from gateway.feed.particulars import particulars
from gateway.feed.recorded import load_origins
from gateway.feed.recording import NOWHERE, Place, Recorder, StatusChange
from gateway.intake.areas import area_of
from gateway.intake.handover import Handover
from gateway.intake.persons import Persons
from gateway.intake.places import load_places
from gateway.intake.rules.states import State
from gateway.sealing import DataKey

JISUI = "jisui"

# What reaching a state means, wherever the handover came from; other states are no change of the
# child's record: either none exists, or the register that made one tells of it in its own feed.
_REACHED = {
    State.CARRIED: Event.CARRIED,
    State.REGISTERED: Event.APPROVED,
    State.RETURNED: Event.RETURNED,
    State.REVERSED: Event.CARRY_REVERSED,
    State.NO_SHOW: Event.NO_SHOW,
}
_DECIDED = (State.REGISTERED, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Passage:
    """A handover that went from one state to another, and its kindergarten where that is known."""

    before: State
    handover: Handover
    kindergarten: str | None


@dataclass(frozen=True, slots=True)
class Telling:
    """Records what handovers' moves mean to the feed."""

    recorder: Recorder
    persons: Persons

    async def record(
        self,
        connection: AsyncConnection,
        passages: Sequence[Passage],
        keys: Mapping[str, DataKey],
    ) -> None:
        """Record every move that is a status change, in the transaction that makes it."""
        told = [
            (passage, event)
            for passage in passages
            if (event := event_of(passage.before, passage.handover.situation.state))
        ]
        if not told:
            return
        handovers = [passage.handover for passage, _ in told]
        persons = await self.persons.find(connection, handovers, keys)
        places = await _places(connection, [passage for passage, _ in told])
        reversed_ = [
            persons[passage.handover.handover_id]
            for passage, event in told
            if event is Event.CARRY_REVERSED
        ]
        origins = await load_origins(connection, reversed_, Event.CARRIED)
        changes = []
        for passage, event in told:
            person = persons[passage.handover.handover_id]
            key = keys[passage.handover.key_id]
            before, after = _sides(passage, event, places, origins.get(person, NOWHERE))
            changes.append(_change(passage.handover, event, person, key, before, after))
        await self.recorder.record(connection, changes)


def event_of(before: State, after: State) -> Event | None:
    """What a move is to the feed; None where it is no status change."""
    if before is after:
        return None
    if after is State.CARRIED and before in _DECIDED:
        return Event.APPROVAL_REOPENED
    return _REACHED.get(after)


def _sides(
    passage: Passage, event: Event, places: Mapping[str, Institution], origin: Place
) -> tuple[Place, Place]:
    """Where the child was before and after."""
    school = _place(passage.handover.school, places)
    match event:
        case Event.CARRIED:
            return _place(passage.kindergarten, places), school
        case Event.CARRY_REVERSED:
            return school, origin
        case Event.NO_SHOW:
            return NOWHERE, school  # it was expected there and has come from nowhere we know
    return school, school


def _change(
    handover: Handover, event: Event, person: str, key: DataKey, before: Place, after: Place
) -> StatusChange:
    return StatusChange(
        person_id=person,
        key_id=handover.key_id,
        key=key,
        event=event,
        stage=Stage.PRIMARY,
        occurred_at=handover.since_at,
        source=JISUI,
        source_code=handover.state,
        before=before,
        after=after,
        detail=particulars(handover.identity(key), handover.number(key), handover.grade),
    )


def _place(code: str | None, places: Mapping[str, Institution]) -> Place:
    return Place(code, area_of(code, places.get(code))) if code else NOWHERE


async def _places(
    connection: AsyncConnection, passages: Sequence[Passage]
) -> Mapping[str, Institution]:
    schools = {passage.handover.school for passage in passages}
    kindergartens = {passage.kindergarten for passage in passages if passage.kindergarten}
    return await load_places(connection, schools | kindergartens)
