"""Children a round is about for whom no handover stands, each sealed under a key of its own.

Live records of kindergartens, as the preschool register told of them, and children who were found
in a class and have no record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Identity
from gateway.database import insert_into
from gateway.identifiers import Identifiers
from gateway.people.indexes import index_identity
from gateway.people.numbers import load_persons
from gateway.people.sealed import open_identity, seal_identity
from gateway.sealing import DataKey, KeyRow, Sealer, load_keys, store_keys
from gateway.verification.periodic.tables import round_subjects
from gateway.verification.problems.findings import clear_findings
from gateway.verification.problems.holdings import Held
from gateway.verification.problems.tables import problem_findings

_columns = round_subjects.c
_FRESH = tuple(column.name for column in round_subjects.columns if not column.primary_key)


class Origin(StrEnum):
    """Who told of a child."""

    REGISTER = "register"  # a live preschool record
    ROSTER = "roster"  # a class, where no record was found


@dataclass(frozen=True, slots=True)
class Told:
    """A child as it was told of in a round."""

    subject_id: str
    origin: Origin
    round_id: str
    school: str
    area: str
    class_name: str = field(repr=False)
    identity: Identity = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Keeps these children, and holds the kindergartens' records for whoever asks."""

    sealer: Sealer = field(repr=False)
    identifiers: Identifiers

    def rows(self) -> Select[*tuple[Any, ...]]:
        """The preschool records in force; a child without a record has none."""
        in_force = (_columns.origin == Origin.REGISTER.value) & _columns.gone_at.is_(None)
        return select(
            _columns.subject_id,
            _columns.key_id,
            _columns.school,
            _columns.area,
            _columns.document_index,
            _columns.person_index,
        ).where(in_force)

    async def open(
        self, connection: AsyncConnection, subject_ids: Sequence[str]
    ) -> Mapping[str, Held]:
        """These children; those erased are absent."""
        rows = await _load(connection, subject_ids)
        keys = await load_keys(connection, [row.key_id for row in rows], self.sealer)
        return {row.subject_id: _held(row, keys[row.key_id]) for row in rows if row.key_id in keys}

    async def correct(
        self, connection: AsyncConnection, subject_id: str, identity: Identity, now: datetime
    ) -> None:
        """Put a decided key-data change in, until the register tells of the child anew."""
        rows = await _load(connection, [subject_id])
        keys = await load_keys(connection, [row.key_id for row in rows], self.sealer)
        for row in rows:
            if row.key_id in keys:
                columns = {**self._particulars(identity, keys[row.key_id]), "told_at": now}
                mine = _columns.subject_id == subject_id
                await connection.execute(update(round_subjects).where(mine).values(columns))

    async def named(
        self, connection: AsyncConnection, subject_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """The persons of those that are preschool records; a document stands for an unknown one."""
        rows = await _load(connection, subject_ids)
        records = [row for row in rows if row.origin == Origin.REGISTER.value]
        numbers = {row.number_index for row in records if row.number_index}
        known = await load_persons(connection, numbers)
        return {
            row.subject_id: known.get(row.number_index or "")
            or row.document_index
            or row.subject_id
            for row in records
        }

    async def keep(
        self, connection: AsyncConnection, told: Sequence[Told], now: datetime
    ) -> Mapping[str, str]:
        """The key of each of these children, kept as told of now in place of what was before."""
        latest = {one.subject_id: one for one in told}
        if not latest:
            return {}
        keys = await self._keys(connection, sorted(latest), now)
        rows = [
            self._row(one, *keys[one.subject_id], now)
            for one in sorted(latest.values(), key=lambda one: one.subject_id)
        ]
        statement = insert_into(connection, round_subjects)
        fresh = {name: statement.excluded[name] for name in _FRESH}
        upsert = statement.on_conflict_do_update(index_elements=["subject_id"], set_=fresh)
        await connection.execute(upsert, rows)
        return {subject_id: key_id for subject_id, (key_id, _) in keys.items()}

    async def _keys(
        self, connection: AsyncConnection, subject_ids: Sequence[str], now: datetime
    ) -> Mapping[str, tuple[str, DataKey]]:
        """The key each child has here already, or a fresh one where it has none left."""
        former = {row.subject_id: row.key_id for row in await _load(connection, subject_ids)}
        opened = await load_keys(connection, list(former.values()), self.sealer)
        keys = {one: (key_id, opened[key_id]) for one, key_id in former.items() if key_id in opened}
        rows: list[KeyRow] = []
        for subject_id in subject_ids:
            if subject_id not in keys:
                wrapped, key = self.sealer.new_key()
                keys[subject_id] = (self.identifiers(), key)
                row: KeyRow = {
                    "key_id": keys[subject_id][0],
                    "wrapped": wrapped,
                    "created_at": now,
                }
                rows.append(row)
        await store_keys(connection, rows)
        return keys

    def _row(self, told: Told, key_id: str, key: DataKey, now: datetime) -> dict[str, object]:
        return {
            "subject_id": told.subject_id,
            "origin": told.origin.value,
            "round_id": told.round_id,
            "key_id": key_id,
            "school": told.school,
            "area": told.area,
            "class_name": told.class_name,
            "told_at": now,
            "gone_at": None,
            **self._particulars(told.identity, key),
        }

    def _particulars(self, identity: Identity, key: DataKey) -> dict[str, object]:
        indexes = index_identity(identity, self.sealer)
        return {
            "document_index": indexes.document,
            "number_index": indexes.number,
            "person_index": indexes.person,
            **seal_identity(identity, key),
        }


async def let_go(connection: AsyncConnection, round_id: str, reach: str, now: datetime) -> None:
    """Let go of preschool records of an area that a round was not told of: their child has left.

    What was found of them is over.
    """
    former = (
        (_columns.origin == Origin.REGISTER.value)
        & _columns.area.startswith(reach, autoescape=True)
        & (_columns.round_id != round_id)
        & _columns.gone_at.is_(None)
    )
    gone = select(_columns.subject_id).where(former)
    found = problem_findings.c
    named = select(found.subject_id, found.problem_class, found.counterpart)
    standing = named.where(found.subject_id.in_(gone), found.cleared_at.is_(None))
    over = [tuple(row) for row in await connection.execute(standing)]
    await clear_findings(connection, over, now)
    await connection.execute(update(round_subjects).where(former).values(gone_at=now))


async def _load(
    connection: AsyncConnection, subject_ids: Sequence[str]
) -> Sequence[Row[tuple[Any, ...]]]:
    query = select(round_subjects).where(_columns.subject_id.in_(list(subject_ids)))
    return (await connection.execute(query)).all()


def _held(row: Row[tuple[Any, ...]], key: DataKey) -> Held:
    identity = open_identity(row._asdict(), key)
    recorded = row.origin == Origin.REGISTER.value
    return Held(key, identity, identity.number, row.class_name, recorded)
