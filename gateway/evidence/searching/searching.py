"""Searches the evidence by child, case, caller, time and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, exists, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.among import among
from gateway.evidence.searching.reading import Read, read_entry
from gateway.evidence.searching.tables import entry_index
from gateway.evidence.tables import entries, entry_subjects

PAGE = 100
_index = entry_index.c


@dataclass(frozen=True, slots=True)
class Trail:
    """Under which blind references and ids a child is found."""

    refs: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for; all that is named must hold. Newest first, `before` a position."""

    case: str = ""
    caller: str = ""
    action: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not with it
    child: Trail | None = field(default=None, repr=False)

    @property
    def by(self) -> Sequence[str]:
        """What is named, in a fixed order."""
        named = {
            "case": self.case,
            "caller": self.caller,
            "action": self.action,
            "outcome": self.outcome,
            "time": self.since or self.until,
            "child": self.child,
        }
        return [name for name, value in named.items() if value]


async def search(
    connection: AsyncConnection, asked: Asked, *, before: int = 0, limit: int = PAGE
) -> list[Read]:
    """One page of what was asked for, as the hashed bytes themselves say it."""
    query = (
        select(entries.c.position, entries.c.canonical)
        .join(entry_index, _index.position == entries.c.position)
        .where(*_conditions(asked), *([_index.position < before] if before else []))
        .order_by(_index.position.desc())
        .limit(limit)
    )
    return [read_entry(*row) for row in await connection.execute(query)]


async def widened(connection: AsyncConnection, child: Trail) -> Trail:
    """The trail with the ids of all that entries say of this child alone: handovers, queries…"""
    subject, other = entry_subjects.c, entry_subjects.alias("other").c
    shared = exists().where(other.entry_id == subject.entry_id, other.row != subject.row)
    query = (
        select(_index.object_ref)
        .join(entry_subjects, subject.entry_id == _index.entry_id)
        .where(among(subject.ref, child.refs), _index.object_ref != "", ~shared)
        .distinct()
    )
    found = (await connection.execute(query)).scalars()
    return Trail(child.refs, child.objects | frozenset(found))


async def positions(connection: AsyncConnection, asked: Asked, size: int) -> list[int]:
    """The positions of everything that was asked for among the first `size` entries, rising."""
    query = select(_index.position).where(*_conditions(asked), _index.position <= size)
    return list((await connection.execute(query.order_by(_index.position))).scalars())


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    exact = {
        _index.case_reference: asked.case,
        _index.caller: asked.caller,
        _index.action: asked.action,
        _index.outcome: asked.outcome,
    }
    conditions = [column == value for column, value in exact.items() if value]
    if asked.since is not None:
        conditions.append(_index.at >= asked.since)
    if asked.until is not None:
        conditions.append(_index.at < asked.until)
    if asked.child is not None:
        conditions.append(_index.position.in_(_of(asked.child)))
    return conditions


def _of(child: Trail) -> CompoundSelect[int]:
    """The positions of the entries that name a child, or something that is about it alone."""
    named = (
        select(_index.position)
        .join(entry_subjects, entry_subjects.c.entry_id == _index.entry_id)
        .where(among(entry_subjects.c.ref, child.refs))
    )
    return union(named, select(_index.position).where(among(_index.object_ref, child.objects)))
