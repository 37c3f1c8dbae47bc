"""One class's roster as the store holds it: the roster, its children, and how both are read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from contracts.records import Document, Identity
from gateway.access.grants import Scope
from gateway.sealing import DataKey
from gateway.verification.periodic.round import within
from gateway.verification.periodic.rules import Presence, RosterState
from gateway.verification.periodic.tables import periodic_children, periodic_rosters

_rosters, _children = periodic_rosters.c, periodic_children.c


class Overtaken(JisuiError):
    """Somebody else moved the roster first."""


@dataclass(frozen=True, slots=True)
class Roster:
    """A class of one school in one round."""

    roster_id: str
    round_id: str
    school: str
    area: str
    class_name: str
    key_id: str
    state: RosterState
    version: int
    children: int
    listed_by: str
    updated_at: datetime
    confirmed_by: str | None = None
    signed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Particulars:
    """A child as its class lists it."""

    name: str = field(repr=False)
    sex: str = ""
    born_on: date | None = field(default=None, repr=False)
    document_kind: str = ""
    document_number: str = field(default="", repr=False)

    @property
    def identity(self) -> Identity:
        """The child in our words; a document of no kind is a resident identity card."""
        document = None
        if self.document_number:
            document = Document(self.document_kind or "1", "", self.document_number)
        return Identity(self.name, self.sex, self.born_on, document, None)


@dataclass(frozen=True, slots=True)
class Child:
    """A child of a roster; `subject_id` is the record it is, where the school holds one."""

    place: int
    subject_id: str | None
    difference: str
    presence: Presence | None
    particulars: Particulars = field(repr=False)
    reason: str = field(repr=False)


_COLUMNS = tuple(_rosters[one.name] for one in fields(Roster))


async def load_roster(
    connection: AsyncConnection, roster_id: str, *, lock: bool = False
) -> Roster | None:
    """The roster, or None."""
    query = select(*_COLUMNS).where(_rosters.roster_id == roster_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return roster_of(row) if row is not None else None


async def find_class(
    connection: AsyncConnection, round_id: str, school: str, class_name: str
) -> Roster | None:
    """The roster of this class, or None."""
    mine = (_rosters.round_id == round_id) & (_rosters.school == school)
    query = select(*_COLUMNS).where(mine, _rosters.class_name == class_name)
    row = (await connection.execute(query)).one_or_none()
    return roster_of(row) if row is not None else None


async def list_rosters(
    connection: AsyncConnection, round_id: str, scope: Scope, after: str, limit: int
) -> list[Roster]:
    """The rosters of a round within a scope, after an id."""
    mine = (_rosters.round_id == round_id) & within(scope, _rosters.school, _rosters.area)
    query = select(*_COLUMNS).where(mine, _rosters.roster_id > after)
    rows = await connection.execute(query.order_by(_rosters.roster_id).limit(limit))
    return [roster_of(row) for row in rows]


async def store_roster(connection: AsyncConnection, roster: Roster) -> Roster:
    """The roster as written; raise `Overtaken` if it was moved since it was loaded."""
    stored = replace(roster, version=roster.version + 1)
    columns = {one.name: getattr(stored, one.name) for one in fields(Roster)}
    columns["state"] = stored.state.value
    if stored.version == 1:
        await connection.execute(periodic_rosters.insert().values(columns))
        return stored
    mine = (_rosters.roster_id == roster.roster_id) & (_rosters.version == roster.version)
    done = await connection.execute(update(periodic_rosters).where(mine).values(columns))
    if done.rowcount != 1:
        raise Overtaken("the roster was moved by somebody else")
    return stored


async def load_children(
    connection: AsyncConnection,
    roster: Roster,
    key: DataKey,
    after: int = 0,
    limit: int | None = None,
) -> list[Child]:
    """The children of a roster behind a place, in their order."""
    mine = (_children.roster_id == roster.roster_id) & (_children.place > after)
    query = select(periodic_children).where(mine).order_by(_children.place).limit(limit)
    return [child_of(row, key) for row in await connection.execute(query)]


def roster_of(row: Row[Any]) -> Roster:
    """The roster in a row."""
    columns = row._asdict()
    return Roster(**columns | {"state": RosterState(columns["state"])})


def child_of(row: Row[Any], key: DataKey) -> Child:
    """The child in a row, opened with its roster's key."""
    told = json.loads(key.open(row.sealed_child, "roster_child"))
    born_on = date.fromisoformat(told["born_on"]) if told["born_on"] else None
    return Child(
        place=row.place,
        subject_id=row.subject_id,
        difference=row.difference,
        presence=Presence(row.presence) if row.presence else None,
        particulars=Particulars(**told | {"born_on": born_on}),
        reason=key.open(row.sealed_reason, "roster_reason").decode() if row.sealed_reason else "",
    )


def columns_of(roster: Roster, children: Sequence[Child], key: DataKey) -> list[dict[str, object]]:
    """The rows of these children."""
    return [
        {
            "roster_id": roster.roster_id,
            "place": child.place,
            "round_id": roster.round_id,
            "subject_id": child.subject_id,
            "difference": child.difference,
            "presence": child.presence.value if child.presence else None,
            "sealed_child": _seal(child.particulars, key),
            "sealed_reason": seal_reason(child.reason, key),
        }
        for child in children
    ]


def seal_reason(reason: str, key: DataKey) -> bytes | None:
    """A person's own words about a child."""
    return key.seal(reason.encode(), "roster_reason") if reason else None


def _seal(particulars: Particulars, key: DataKey) -> bytes:
    told: Mapping[str, object] = {
        one.name: getattr(particulars, one.name) for one in fields(Particulars)
    }
    born_on = particulars.born_on.isoformat() if particulars.born_on else ""
    plain = json.dumps({**told, "born_on": born_on}, ensure_ascii=False)
    return key.seal(plain.encode(), "roster_child")
