"""A register's changes as status changes: what each means, of whom it is told, and only once."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Change
from contracts.events import Event
from contracts.records import Institution
from gateway.clock import Clock
from gateway.collecting.children import Children
from gateway.collecting.echoes import is_approved_here, is_echo, load_ours, request_of
from gateway.collecting.meaning import Code, Sides, codes_of, meaning_of, sides_of
from gateway.collecting.parking import Parking, Undecided
from gateway.collecting.registers import Facts, Register
from gateway.collecting.seen import Memory, Seen
from gateway.collecting.tables import told_changes
from gateway.database import insert_into
from gateway.feed.particulars import particulars
from gateway.feed.recording import NOWHERE, Place, Recorder, StatusChange
from gateway.intake.areas import area_of
from gateway.intake.places import load_places
from gateway.people.keyed import Keyed
from gateway.sealing import Sealer

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Happening:
    """One code of one change, with everything known about it."""

    change: Change[Any]
    facts: Facts
    code: Code
    sides: Sides


@dataclass(frozen=True, slots=True)
class Telling(Generic[R]):
    """Records what one register tells of."""

    register: Register[R]
    sealer: Sealer
    clock: Clock
    children: Children
    recorder: Recorder
    parking: Parking
    memory: Memory = field(repr=False)

    async def record(self, connection: AsyncConnection, changes: Sequence[Change[R]]) -> None:
        """Record every change that was not told before; park those nobody has decided about."""
        new = await self._not_told(connection, changes)
        if not new:
            return
        facts = [self.register.facts(change.record) for change in new]
        requests = {request_of(c, f) for c, f in zip(new, facts, strict=True)}
        ours = await load_ours(connection, requests)
        seen = await self.memory.load(connection, [one.record_id for one in facts])
        latest = dict(seen)
        happened = list(self._happenings(new, facts, latest, ours))
        await self.memory.store(connection, {k: v for k, v in latest.items() if seen.get(k) != v})
        await self._tell(connection, happened)

    async def _not_told(
        self, connection: AsyncConnection, changes: Sequence[Change[R]]
    ) -> list[Change[R]]:
        by_digest = {self._digest(change): change for change in changes}
        if not by_digest:
            return []
        now = self.clock.now()
        rows = [
            {"system": self.register.system, "digest": digest, "told_at": now}
            for digest in by_digest
        ]
        statement = insert_into(connection, told_changes).on_conflict_do_nothing()
        fresh = await connection.execute(statement.returning(told_changes.c.digest), rows)
        told = set(fresh.scalars())
        return [change for digest, change in by_digest.items() if digest in told]

    def _digest(self, change: Change[R]) -> str:
        """The hash of all that a change says but its version, which a register may give anew."""
        said = json.loads(change.raw)
        said.pop("version", None)
        plain = json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
        return self.sealer.index(
            f"change of {self.register.system}", hashlib.sha256(plain).hexdigest()
        )

    def _happenings(
        self,
        changes: Sequence[Change[R]],
        facts: Sequence[Facts],
        seen: dict[str, Seen],
        ours: Mapping[str, Any],
    ) -> Iterator[_Happening]:
        """What happened, in the feed's order; `seen` follows it."""
        statuses = self.register.statuses()
        for change, now in zip(changes, facts, strict=True):
            name = self.memory.index(now.record_id)
            earlier = seen.get(name)
            before = self.memory.compare(earlier, now, statuses) if earlier else None
            seen[name] = self.memory.seen(now)
            codes = codes_of(change, before, now)
            echoed = is_approved_here(now, ours, [code.code for code in codes])
            if is_echo(change, now, ours) or echoed:
                continue
            sides = sides_of(change, before, now)
            yield from (_Happening(change, now, code, sides) for code in codes)

    async def _tell(self, connection: AsyncConnection, happened: Sequence[_Happening]) -> None:
        mapping = self.register.mapping()
        decided = [(one, meaning_of(mapping, one.code)) for one in happened]
        told = [(one, m.event) for one, m in decided if m is not None and m.event is not None]
        open_ = [one for one, meant in decided if meant is None]
        relevant = [one.facts for one in (*(one for one, _ in told), *open_)]
        children = await self.children.find(connection, self.register.system, relevant)
        places = await load_places(connection, _named(told))
        changes = [
            self._change(one, event, children[one.facts.record_id], places) for one, event in told
        ]
        await self.recorder.record(connection, changes)
        parked = [
            self._undecided(one, children[one.facts.record_id], mapping.owner) for one in open_
        ]
        await self.parking.park(connection, parked)

    def _change(
        self, one: _Happening, event: Event, child: Keyed, places: Mapping[str, Institution]
    ) -> StatusChange:
        before, after = one.sides.of(event)
        return StatusChange(
            person_id=child.person_id,
            key_id=child.key_id,
            key=child.key,
            event=event,
            stage=self.register.stage,
            occurred_at=one.change.occurred_at,
            source=self.register.system,
            source_code=one.code.code,
            before=place_of(before, places),
            after=place_of(after, places),
            detail=_detail(one),
        )

    def _undecided(self, one: _Happening, child: Keyed, owner: str) -> Undecided:
        occurred_at = one.change.occurred_at
        system = self.register.system
        return Undecided(system, one.code, owner, child, one.sides, occurred_at, _detail(one))


def place_of(code: str, places: Mapping[str, Institution]) -> Place:
    """A school with the area of the office in charge of it."""
    return Place(code, area_of(code, places.get(code))) if code else NOWHERE


def _named(told: Sequence[tuple[_Happening, Event]]) -> set[str]:
    return {code for one, event in told for code in one.sides.of(event) if code}


def _detail(one: _Happening) -> Mapping[str, str]:
    told = dict(particulars(one.facts.identity, grade=one.facts.grade))
    previous = one.change.previous_number
    return told | ({"previous_number": previous} if previous else {})
