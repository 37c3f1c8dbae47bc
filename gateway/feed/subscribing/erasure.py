"""Erasing a child for good: its keys are destroyed, and every province it was in is told so.

What is left of it are tombstones in the streams and hashes in the evidence. A backup older than
the erasure still holds the keys.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from contracts.events import Event, Stage
from gateway.access.persons import person
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Actor, Entry, Log
from gateway.feed.recording import Place, Recorder, StatusChange
from gateway.feed.subscribing.erasing import Erasing
from gateway.feed.tables import status_changes
from gateway.people.erasing import Known, forget_numbers, load_known
from gateway.sealing import DataKey, destroy_key, load_keys
from gateway.sequence.lease import pause

JISUI = "jisui"

Trace = Callable[[AsyncConnection, Known], Awaitable[set[str]]]
"""The data keys under which one room keeps something of a child."""


class NobodyToErase(JisuiError):
    """No key is left under which anything of such a child is kept."""


class OneAlone(JisuiError):
    """Who erases a child has to have been told to by somebody else."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Who carries an erasure out, who approved it, and under which reference."""

    actor: Actor
    approver: str
    approval: str


@dataclass(frozen=True, slots=True)
class Erased:
    """How many keys were destroyed, and how many events became tombstones."""

    keys: int
    tombstones: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """Erases children; each room names the keys it seals a child's things under."""

    database: Database
    clock: Clock
    log: Log
    recorder: Recorder
    erasing: Erasing = field(repr=False)
    traces: Sequence[Trace]

    async def erase(self, person_id: str, decided: Decided) -> Erased:
        """Erase the child with this internal key; raise `OneAlone` or `NobodyToErase`."""
        if person(decided.approver) in ("", person(decided.actor.user)) or not decided.approval:
            raise OneAlone("须由他人批准并注明文号 · somebody else approves, under a reference")
        now = self.clock.now()
        async with self.database.transaction() as connection:
            # Nothing is laid into a stream meanwhile, so that no event of the child slips through.
            await pause(connection, status_changes.name, now)
            known = await load_known(connection, person_id)
            names = {name for trace in self.traces for name in await trace(connection, known)}
            keys = await load_keys(connection, names, self.erasing.sealer)
            if not keys:
                raise NobodyToErase("查无此人，或已清除 · no such child, or erased already")
            ordered = sorted(known.persons)
            told = [await self._farewells(connection, one, keys) for one in ordered]
            graves = [await self.erasing.erase(connection, one) for one in ordered]
            await self.recorder.record(connection, [change for some in told for change in some])
            await forget_numbers(connection, known)
            for key_id in sorted(keys):
                await destroy_key(connection, key_id, now)
            erased = Erased(len(keys), sum(graves))
            await self.log.append(connection, [_entry(person_id, decided, erased)])
        return erased

    async def _farewells(
        self, connection: AsyncConnection, person_id: str, keys: dict[str, DataKey]
    ) -> list[StatusChange]:
        """A change for each place whose province was told of the child."""
        key_id, key = sorted(keys.items())[0]
        now = self.clock.now()
        return [
            StatusChange(person_id, key_id, key, Event.ERASED, stage, now, JISUI, "", place, place)
            for place, stage in await _places(connection, person_id)
        ]


async def change_keys(connection: AsyncConnection, known: Known) -> set[str]:
    """The keys under which a child's status changes are sealed."""
    theirs = status_changes.c.person_id.in_(sorted(known.persons))
    query = select(status_changes.c.key_id).where(theirs).distinct()
    return set((await connection.execute(query)).scalars())


async def _places(connection: AsyncConnection, person_id: str) -> list[tuple[Place, Stage]]:
    """Every school the child's changes name, with its area, in one order."""
    columns = status_changes.c
    query = select(
        columns.stage, columns.school_from, columns.area_from, columns.school_to, columns.area_to
    ).where(columns.person_id == person_id)
    found = set()
    for row in await connection.execute(query):
        for school, area in ((row.school_from, row.area_from), (row.school_to, row.area_to)):
            if area:
                found.add((area, school, row.stage))
    return [(Place(school, area), Stage(stage)) for area, school, stage in sorted(found)]


def _entry(person_id: str, decided: Decided, erased: Erased) -> Entry:
    return Entry(
        action=Action.RECORD_ERASED,
        outcome="erased",
        actor=decided.actor,
        purpose="",
        basis="",
        case="",
        object_ref=person_id,
        request_id="",
        content={"keys": str(erased.keys), "tombstones": str(erased.tombstones)},
        approval=decided.approval,
        approver=decided.approver,
    )
