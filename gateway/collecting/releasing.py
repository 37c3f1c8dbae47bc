"""The chore that looks at parked changes again: what a table decides by now is told, or dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Event
from gateway.collecting.meaning import Code, Sides, meaning_of
from gateway.collecting.parking import Parking, Waiting, list_waiting, load_parked, open_parked
from gateway.collecting.registers import Register
from gateway.collecting.telling import place_of
from gateway.database import Database
from gateway.feed.recorded import load_newest
from gateway.feed.recording import Recorder, StatusChange
from gateway.intake.places import load_places
from gateway.people.keyed import Keyed
from gateway.sealing import Sealer, load_keys
from mappings import Crosswalks

AT_ONCE = 500
_NEVER = (datetime.min.replace(tzinfo=UTC),) * 2

_Rows = Sequence[Row[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Releasing:
    """Tells parked changes whose code was decided about since."""

    database: Database
    sealer: Sealer = field(repr=False)
    crosswalks: Crosswalks
    registers: Mapping[str, Register[Any]]
    recorder: Recorder
    parking: Parking

    async def check(self) -> None:
        """Load changed tables, and tell whatever waited for a row they have by now."""
        self.crosswalks.refresh()
        async with self.database.reading() as connection:
            waiting = await list_waiting(connection)
        for one in waiting:
            mapping = self.registers[one.system].mapping()
            meant = meaning_of(mapping, Code(one.code_system, one.code))
            while meant is not None and await self._release(one, meant.event):
                pass

    async def _release(self, waiting: Waiting, event: Event | None) -> int:
        async with self.database.transaction() as connection:
            rows = await load_parked(connection, waiting, AT_ONCE)
            if event is not None:
                changes = await self._changes(connection, rows, event)
                await self.recorder.record(connection, changes)
            await self.parking.release(connection, [row.parked_id for row in rows])
        return len(rows)

    async def _changes(
        self, connection: AsyncConnection, rows: _Rows, event: Event
    ) -> list[StatusChange]:
        keys = await load_keys(connection, [row.key_id for row in rows], self.sealer)
        told = sorted(  # the others' children were erased
            (row for row in rows if row.key_id in keys),
            key=lambda row: (row.occurred_at, row.parked_id),
        )
        newest = await load_newest(connection, {row.person_id for row in told})
        named = {code for row in told for code in _sides(row).of(event) if code}
        places = await load_places(connection, named)
        changes = []
        for row in told:
            before, after = _sides(row).of(event)
            child = Keyed(row.person_id, row.key_id, keys[row.key_id])
            changes.append(
                StatusChange(
                    person_id=child.person_id,
                    key_id=child.key_id,
                    key=child.key,
                    event=event,
                    stage=self.registers[row.system].stage,
                    occurred_at=row.occurred_at,
                    source=row.system,
                    source_code=row.code,
                    before=place_of(before, places),
                    after=place_of(after, places),
                    detail=open_parked(row, child),
                    late=(row.occurred_at, row.parked_at) < newest.get(row.person_id, _NEVER),
                )
            )
        return changes


def _sides(row: Row[tuple[object, ...]]) -> Sides:
    return Sides(row.school, row.school_before, row.school_after)
