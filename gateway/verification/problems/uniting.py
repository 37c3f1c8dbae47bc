"""Records found to be of one child, or of two: told of both, in the transaction of the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Event
from gateway.clock import Clock
from gateway.evidence import Log
from gateway.people.merging import Merging
from gateway.sealing import Sealer, load_keys
from gateway.verification.problems.gathered import Gathered
from gateway.verification.problems.record import Record
from gateway.verification.problems.steps import Because
from gateway.verification.problems.tables import problem_findings
from gateway.verification.problems.telling import Side, Telling

_columns = problem_findings.c
_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Uniting:
    """What follows from a decision about records that share a child."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    log: Log
    telling: Telling
    merging: Merging

    async def merge(
        self,
        connection: AsyncConnection,
        record: Record,
        found: Sequence[Gathered],
        because: Because,
    ) -> None:
        """The record's child is the one the others are about: its numbers become aliases there."""
        sides = await self._sides(connection, record, found)
        persons = await self._tell(connection, record, sides, Event.MERGED)
        gone = persons.get(record.subject_id)
        others = [persons[m.subject_id] for m in sides if m.subject_id in persons]
        kept = next((person for person in others if person != gone), None)
        if gone is None or kept is None:
            return
        at, decider = self.clock.now(), because.actor.user
        done = await self.merging.merge(connection, gone, kept, at=at, decider=decider)
        if done is not None:
            entry = done.entry(self.sealer, because.actor, because.purpose, because.case)
            await self.log.append(connection, [entry])

    async def part(
        self, connection: AsyncConnection, record: Record, found: Sequence[Gathered]
    ) -> None:
        """The records are of two children: said of each."""
        sides = await self._sides(connection, record, found)
        await self._tell(connection, record, sides, Event.SPLIT)

    async def _tell(
        self, connection: AsyncConnection, record: Record, sides: Sequence[Side], event: Event
    ) -> Mapping[str, str]:
        # Both carry the decision's name, by which who receives both knows that they belong
        # together; which of two merged records ended shows in where its child is afterwards.
        ends = record.subject_id if event is Event.MERGED else ""
        return await self.telling.record_sides(
            connection, sides, event, record.problem_id, self.clock.now(), ends=ends
        )

    async def _sides(
        self, connection: AsyncConnection, record: Record, found: Sequence[Gathered]
    ) -> list[Side]:
        """The record first, then those it was held against; those erased are left out."""
        names = [(one.subject_id, one.problem_class.value, one.counterpart) for one in found]
        names += [(m.subject_id, m.problem_class.value, m.counterpart) for m in _mirrored(found)]
        named = tuple_(_columns.subject_id, _columns.problem_class, _columns.counterpart)
        query = select(problem_findings).where(named.in_(sorted(set(names))))
        rows = {row.subject_id: row for row in await connection.execute(query)}
        keys = await load_keys(connection, [row.key_id for row in rows.values()], self.sealer)
        ordered = sorted(rows.values(), key=lambda row: _order(row, record))
        return [
            Side(row.subject_id, row.school, row.area, row.key_id, keys[row.key_id])
            for row in ordered
            if row.key_id in keys
        ]


def _mirrored(found: Sequence[Gathered]) -> list[Gathered]:
    return [one.mirrored for one in found]


def _order(row: _Row, record: Record) -> tuple[bool, str]:
    return row.subject_id != record.subject_id, row.subject_id
