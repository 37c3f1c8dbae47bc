"""Changes whose code nobody has decided about: kept for the owner of the table, told afterwards."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.collecting.meaning import Code, Sides
from gateway.collecting.tables import parked_changes
from gateway.identifiers import Identifiers
from gateway.people.keyed import Keyed


@dataclass(frozen=True, slots=True)
class Undecided:
    """One change that waits: everything it takes to tell it once its code is decided about."""

    system: str
    code: Code
    owner: str
    person: Keyed
    sides: Sides
    occurred_at: datetime
    detail: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One code nobody has decided about, who should, and how many changes wait for that."""

    system: str
    code_system: str
    code: str
    owner: str
    changes: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Parking:
    """Keeps changes until they can be told."""

    clock: Clock
    identifiers: Identifiers

    async def park(self, connection: AsyncConnection, undecided: Sequence[Undecided]) -> None:
        """Keep these changes, each sealed under its child's own key."""
        if undecided:
            rows = [self._row(one) for one in undecided]
            await connection.execute(insert(parked_changes), rows)

    async def release(self, connection: AsyncConnection, parked_ids: Sequence[str]) -> None:
        """Mark these as told."""
        theirs = parked_changes.c.parked_id.in_(parked_ids)
        now = self.clock.now()
        await connection.execute(update(parked_changes).where(theirs).values(released_at=now))

    def _row(self, one: Undecided) -> dict[str, object]:
        parked_id = self.identifiers()
        detail = json.dumps(dict(one.detail), ensure_ascii=False).encode()
        return {
            "parked_id": parked_id,
            "system": one.system,
            "code_system": one.code.system,
            "code": one.code.code,
            "owner": one.owner,
            "person_id": one.person.person_id,
            "key_id": one.person.key_id,
            "sealed": one.person.key.seal(detail, _context(parked_id)),
            "school": one.sides.own,
            "school_before": one.sides.before,
            "school_after": one.sides.after,
            "occurred_at": one.occurred_at,
            "parked_at": self.clock.now(),
        }


async def list_waiting(connection: AsyncConnection, system: str = "") -> list[Waiting]:
    """Every code that changes wait for, the longest waiting first; of one system where named."""
    columns = parked_changes.c
    names = (columns.system, columns.code_system, columns.code)
    since = func.min(columns.parked_at)
    query = (
        select(*names, func.max(columns.owner).label("owner"), func.count().label("changes"), since)
        .where(columns.released_at.is_(None))
        .group_by(*names)
        .order_by(since)
    )
    if system:
        query = query.where(columns.system == system)
    return [Waiting(*row) for row in await connection.execute(query)]


async def load_parked(
    connection: AsyncConnection, waiting: Waiting, limit: int
) -> Sequence[Row[tuple[object, ...]]]:
    """Changes that wait for one code, the oldest first, locked."""
    columns = parked_changes.c
    query = (
        select(parked_changes)
        .where(columns.released_at.is_(None), columns.system == waiting.system)
        .where(columns.code_system == waiting.code_system, columns.code == waiting.code)
        .order_by(columns.parked_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await connection.execute(query)).all()


def open_parked(row: Row[tuple[object, ...]], person: Keyed) -> Mapping[str, str]:
    """What a parked change tells of its child."""
    detail: Mapping[str, str] = json.loads(person.key.open(row.sealed, _context(row.parked_id)))
    return detail


def _context(parked_id: str) -> str:
    return f"parked change {parked_id}"
