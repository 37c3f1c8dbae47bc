"""A school's list goes in: one handover per child, durable before anybody is told."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Identity
from gateway.evidence import Action, Actor, Entry, Log, Subject
from gateway.identifiers import Identifiers
from gateway.intake.entering import enter, hand_in_again
from gateway.intake.handover import Handover, add, load, store
from gateway.intake.lists import CellFault, ListRow, check_row, reported, reported_on
from gateway.intake.roll import Roll, load_roll
from gateway.intake.states import Hold, State
from gateway.intake.tables import handovers, intake_rows, intakes
from gateway.leases import enqueue
from gateway.people.indexes import Indexes, index_identity
from gateway.people.sealed import seal_identity
from gateway.sealing import DataKey, KeyRow, Sealer, load_keys, store_keys
from mappings import Crosswalks

LOOK = "look"
ROWS_AT_ONCE = 500

Faults = Sequence[CellFault]


@dataclass(frozen=True, slots=True)
class Submission:
    """A list as it was handed in, with who handed it in and under which case."""

    school: str
    area: str
    school_year: str
    content_hash: str
    rows: Iterable[ListRow]
    confirmed: bool
    actor: Actor
    purpose: str
    case: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class Received:
    """The intake a list became; `known` where the same bytes were handed in before."""

    intake_id: str
    known: bool


@dataclass(slots=True)
class _Chunk:
    """What a few hundred rows add to the store."""

    keys: list[KeyRow] = field(default_factory=list)
    handovers: list[Handover] = field(default_factory=list)
    again: dict[str, ListRow] = field(default_factory=dict)
    rows: list[tuple[ListRow, str, Faults]] = field(default_factory=list)
    opened: dict[str, DataKey] = field(default_factory=dict)
    subjects: list[Subject] = field(default_factory=list)


class Receiving:
    """Takes lists in."""

    def __init__(
        self, crosswalks: Crosswalks, sealer: Sealer, identifiers: Identifiers, log: Log
    ) -> None:
        self._crosswalks = crosswalks
        self._sealer = sealer
        self._identifiers = identifiers
        self.log = log

    async def receive(
        self, connection: AsyncConnection, submission: Submission, now: datetime
    ) -> Received:
        """The intake for this list; the same bytes, school and year give the same one again."""
        known = await _known(connection, submission)
        if known is not None:
            return Received(known, known=True)
        intake_id = self._identifiers()
        await connection.execute(insert(intakes).values(_intake(intake_id, submission, now)))
        roll = await load_roll(connection, submission.school, submission.school_year)
        alike: dict[str, list[str]] = {}
        total = 0
        rows = iter(submission.rows)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            chunk = self._draft(some, intake_id, submission, roll, alike, now)
            await self._write(connection, chunk, intake_id, submission, now)
            total += len(some)
        await _mark_undistinguished(connection, alike)
        await connection.execute(
            update(intakes).where(intakes.c.intake_id == intake_id).values(rows=total)
        )
        return Received(intake_id, known=False)

    def _draft(
        self,
        rows: Sequence[ListRow],
        intake_id: str,
        submission: Submission,
        roll: Roll,
        alike: dict[str, list[str]],
        now: datetime,
    ) -> _Chunk:
        chunk = _Chunk()
        for row in rows:
            identity = self._crosswalks.admission_list.identity(row.cells)
            indexes = index_identity(identity, self._sealer)
            faults = check_row(row, identity)
            handover_id = roll.find(indexes)
            if handover_id is None:
                handover_id = self._add(chunk, row, identity, indexes, faults, submission, now)
                if not indexes.identifying:
                    alike.setdefault(indexes.person, []).append(handover_id)
            else:
                chunk.again[handover_id] = row
            roll.enrol(indexes, handover_id)
            chunk.rows.append((row, handover_id, faults))
        return chunk

    def _add(
        self,
        chunk: _Chunk,
        row: ListRow,
        identity: Identity,
        indexes: Indexes,
        faults: Faults,
        submission: Submission,
        now: datetime,
    ) -> str:
        handover_id = self._identifiers()
        wrapped, key = self._sealer.new_key()
        chunk.keys.append({"key_id": handover_id, "wrapped": wrapped, "created_at": now})
        listed = _listed(handover_id, row, identity, indexes, faults, key, submission, now)
        chunk.handovers.append(enter(listed, now))
        chunk.subjects.append(self._subject(handover_id, key, row))
        chunk.opened[handover_id] = key
        return handover_id

    def _subject(self, handover_id: str, key: DataKey, row: ListRow) -> Subject:
        ref = self._sealer.index("child", handover_id)
        return Subject(ref, handover_id, key, dict(row.cells), row.line)

    async def _write(
        self,
        connection: AsyncConnection,
        chunk: _Chunk,
        intake_id: str,
        submission: Submission,
        now: datetime,
    ) -> None:
        await store_keys(connection, chunk.keys)
        await add(connection, chunk.handovers)
        updated = await self._update_known(connection, chunk, submission, now)
        rows = [_intake_row(intake_id, *row, chunk.opened) for row in chunk.rows]
        await connection.execute(insert(intake_rows), rows)
        await self.log.append(connection, [_entry(intake_id, chunk, submission)])
        searching = [
            h.handover_id for h in (*chunk.handovers, *updated) if h.state == State.SEARCHING
        ]
        await enqueue(connection, LOOK, searching, now)

    async def _update_known(
        self, connection: AsyncConnection, chunk: _Chunk, submission: Submission, now: datetime
    ) -> list[Handover]:
        new = {handover.handover_id for handover in chunk.handovers}
        known = await load(connection, [i for i in chunk.again if i not in new], lock=True)
        keys = await load_keys(connection, [handover.key_id for handover in known], self._sealer)
        updated = []
        for handover in known:
            row, key = chunk.again[handover.handover_id], keys[handover.key_id]
            identity = self._crosswalks.admission_list.identity(row.cells)
            updated.append(_again(handover, row, identity, submission, now))
            chunk.subjects.append(self._subject(handover.handover_id, key, row))
            chunk.opened[handover.handover_id] = key
            if handover.hold == Hold.DATA_ERROR:
                await self._replace_identity(connection, handover, identity, key)
        await store(connection, updated)
        return updated

    async def _replace_identity(
        self, connection: AsyncConnection, handover: Handover, identity: Identity, key: DataKey
    ) -> None:
        # Controlled fields are never edited; but nobody was asked about a faulty row yet.
        indexes = index_identity(identity, self._sealer)
        await connection.execute(
            update(handovers)
            .where(handovers.c.handover_id == handover.handover_id)
            .values(
                document_index=indexes.document,
                number_index=indexes.number,
                person_index=indexes.person,
                **seal_identity(identity, key),
            )
        )


async def _known(connection: AsyncConnection, submission: Submission) -> str | None:
    query = select(intakes.c.intake_id).where(
        intakes.c.school == submission.school,
        intakes.c.school_year == submission.school_year,
        intakes.c.content_hash == submission.content_hash,
    )
    return (await connection.execute(query)).scalar()


def _intake(intake_id: str, submission: Submission, now: datetime) -> dict[str, object]:
    return {
        "intake_id": intake_id,
        "school": submission.school,
        "school_year": submission.school_year,
        "content_hash": submission.content_hash,
        "rows": 0,
        "confirmed_at": now if submission.confirmed else None,
        "case_reference": submission.case,
        "received_at": now,
    }


def _intake_row(
    intake_id: str, row: ListRow, handover_id: str, faults: Faults, opened: Mapping[str, DataKey]
) -> dict[str, object]:
    cells = json.dumps(dict(row.cells), ensure_ascii=False).encode()
    return {
        "intake_id": intake_id,
        "line": row.line,
        "row": row.row,
        "handover_id": handover_id,
        "faults": json.dumps([(fault.column, fault.reason) for fault in faults]),
        "sealed_cells": opened[handover_id].seal(cells, "cells") if faults else None,
    }


def _listed(
    handover_id: str,
    row: ListRow,
    identity: Identity,
    indexes: Indexes,
    faults: Faults,
    key: DataKey,
    submission: Submission,
    now: datetime,
) -> Handover:
    return Handover(
        handover_id=handover_id,
        school=submission.school,
        area=submission.area,
        school_year=submission.school_year,
        key_id=handover_id,
        document_index=indexes.document,
        number_index=indexes.number,
        person_index=indexes.person,
        case_reference=submission.case,
        faults=json.dumps([fault.reason for fault in faults]),
        confirmed=submission.confirmed,
        reported=reported(row.cells),
        reported_on=_iso(reported_on(row.cells)),
        no_show_reason=row.cells.get("未报到原因") or None,
        since_at=now,
        owner=f"school:{submission.school}",
        **seal_identity(identity, key),
    )


def _again(
    handover: Handover, row: ListRow, identity: Identity, submission: Submission, now: datetime
) -> Handover:
    return hand_in_again(
        handover,
        faults=[fault.reason for fault in check_row(row, identity)],
        reported=reported(row.cells),
        reported_on=_iso(reported_on(row.cells)),
        no_show_reason=row.cells.get("未报到原因") or None,
        confirmed=submission.confirmed,
        now=now,
    )


async def _mark_undistinguished(connection: AsyncConnection, alike: dict[str, list[str]]) -> None:
    ids = [handover_id for group in alike.values() if len(group) > 1 for handover_id in group]
    if ids:
        await connection.execute(
            update(handovers).where(handovers.c.handover_id.in_(ids)).values(undistinguished=True)
        )


def _entry(intake_id: str, chunk: _Chunk, submission: Submission) -> Entry:
    return Entry(
        action=Action.INTAKE_RECEIVED,
        outcome="received",
        actor=submission.actor,
        purpose=submission.purpose,
        basis="",
        case=submission.case,
        object_ref=intake_id,
        request_id=submission.trace_id,
        subjects=tuple(chunk.subjects),
        content={"school": submission.school, "rows": str(len(chunk.rows))},
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
