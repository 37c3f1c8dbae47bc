"""What a query leaves behind: its row, its traces, its entries; written with the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.access.persons import person
from gateway.database import insert_into
from gateway.evidence import Action, Entry, Log, Subject
from gateway.identifiers import Identifiers
from gateway.sealing import DataKey, KeyRow, Sealer, store_keys
from gateway.verification.enrolment_queries.query import (
    Asked,
    Outcome,
    Standing,
    Weighed,
    seal_answers,
)
from gateway.verification.enrolment_queries.rules import Enrolled
from gateway.verification.enrolment_queries.shields import Shield
from gateway.verification.enrolment_queries.stops import Stop
from gateway.verification.enrolment_queries.tables import (
    enrolment_queries,
    enrolment_traces,
    enrolment_units,
)

_Keys = Sequence[tuple[str, DataKey]]


@dataclass(frozen=True, slots=True)
class Recording:
    """Writes queries down; each child's detail is sealed under a key of its own."""

    sealer: Sealer
    identifiers: Identifiers
    log: Log

    async def keep(
        self, connection: AsyncConnection, query: Standing, weighed: Sequence[Weighed]
    ) -> None:
        """The query, and the answers it was given, sealed, for whoever repeats it."""
        ((key_id, key),) = await self._new_keys(connection, 1, query.asked_at)
        told = [one.answer for one in weighed] if query.outcome is Outcome.ANSWERED else None
        sealed = seal_answers(told, key, query.query_id) if told is not None else None
        row = asdict(query) | {"key_id": key_id, "sealed_answers": sealed}
        await connection.execute(insert(enrolment_queries).values(row))

    async def trace(
        self,
        connection: AsyncConnection,
        grant: Grant,
        weighed: Sequence[Weighed],
        query_id: str,
        now: datetime,
        *,
        off_hours: bool,
    ) -> None:
        """The blind traces in which scanning is looked for."""
        shared = {
            "query_id": query_id,
            "unit": grant.institution,
            "officer": person(grant.user),
            "off_hours": off_hours,
            "asked_at": now,
        }
        rows = [shared | _trace(row, one) for row, one in enumerate(weighed, 1)]
        await connection.execute(insert(enrolment_traces), rows)

    async def note(
        self,
        connection: AsyncConnection,
        grant: Grant,
        query: Standing,
        weighed: Sequence[Weighed],
        stop: Stop | None,
    ) -> None:
        """What was asked and what was answered or why not, one salted hash a child each."""
        keys = await self._new_keys(connection, len(weighed), query.asked_at)
        asked = entry_of(grant, Action.ENROLMENT_ASKED, _lane(query), query)
        asked = replace(asked, subjects=_subjects(weighed, keys, _asked_detail))
        if stop is not None:
            refused = entry_of(grant, Action.ENROLMENT_REFUSED, "stopped", query)
            about = {"unit": stop.unit, "signal": stop.signal, "query": query.query_id}
            whom = {"side": "officer" if stop.officer else "unit"}
            stopped = entry_of(grant, Action.ENROLMENT_STOPPED, "stopped", query)
            stopped = replace(stopped, object_ref=stop.stop_id, content=about | whom)
            await self.log.append(connection, [asked, refused, stopped])
            return
        answered = entry_of(grant, Action.ENROLMENT_ANSWERED, "answered", query)
        answered = replace(answered, subjects=_subjects(weighed, keys, _answered_detail))
        await self.log.append(connection, [asked, answered])

    async def note_shield(
        self,
        connection: AsyncConnection,
        grant: Grant,
        shield: Shield,
        outcome: str,
        number: str,
        now: datetime,
    ) -> None:
        """That a child was shielded or is no more, decided by one and approved by another."""
        ((key_id, key),) = await self._new_keys(connection, 1, now)
        subject = Subject(shield.document_index, key_id, key, {"number": number}, 1)
        entry = grant.entry(Action.ENROLMENT_SHIELD, outcome)
        noted = replace(entry, approver=shield.approver, subjects=(subject,))
        await self.log.append(connection, [noted])

    async def _new_keys(self, connection: AsyncConnection, count: int, now: datetime) -> _Keys:
        rows: list[KeyRow] = []
        keys = []
        for _ in range(count):
            wrapped, key = self.sealer.new_key()
            key_id = self.identifiers()
            rows.append({"key_id": key_id, "wrapped": wrapped, "created_at": now})
            keys.append((key_id, key))
        await store_keys(connection, rows)
        return keys


async def lock_unit(connection: AsyncConnection, unit: str) -> None:
    """Have the unit's queries decided one after another, whichever process decides them."""
    new = insert_into(connection, enrolment_units).values(unit=unit)
    await connection.execute(new.on_conflict_do_nothing())
    mine = enrolment_units.select().where(enrolment_units.c.unit == unit)
    await connection.execute(mine.with_for_update())


def entry_of(grant: Grant, action: Action, outcome: str, query: Standing) -> Entry:
    """An entry about a query: who approved it, and how it was answered in numbers."""
    entry = grant.entry(
        action,
        outcome,
        query.query_id,
        children=str(query.children),
        yes=str(query.yes) if outcome == Outcome.ANSWERED else "",
        no=str(query.no) if outcome == Outcome.ANSWERED else "",
    )
    return replace(entry, approver=query.approver)


def refused_entry(grant: Grant, asked: Asked, reason: str) -> Entry:
    """An entry about a query that was not weighed at all."""
    entry = grant.entry(Action.ENROLMENT_REFUSED, reason, children=str(len(asked.children)))
    return replace(entry, approver=asked.approver)


def _lane(query: Standing) -> str:
    return "urgent" if query.urgent else "ordinary"


def _trace(row: int, one: Weighed) -> dict[str, object]:
    return {
        "row": row,
        "child": one.child.document,
        "birth": one.trace.birth,
        "place": one.trace.place,
        "adjacent": one.adjacent,
        "missed": one.missed,
    }


def _subjects(weighed: Sequence[Weighed], keys: _Keys, detail: Any) -> tuple[Subject, ...]:
    return tuple(
        Subject(one.child.document, key_id, key, detail(one), row)
        for row, (one, (key_id, key)) in enumerate(zip(weighed, keys, strict=True), 1)
    )


def _asked_detail(one: Weighed) -> Mapping[str, object]:
    return {"kind": one.named.kind, "number": one.named.number, "name": one.named.name}


def _answered_detail(one: Weighed) -> Mapping[str, object]:
    said = asdict(one.answer)
    return {"number": one.named.number, **said, "enrolled": Enrolled(said["enrolled"]).value}
