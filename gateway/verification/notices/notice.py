"""A notice and a correction as the store holds them."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from contracts.records import Document, Identity
from gateway.sealing import DataKey
from gateway.verification.notices.rules import NoticeKind, State
from gateway.verification.notices.tables import identity_corrections, identity_notices

_corrections, _notices = identity_corrections.c, identity_notices.c


class Overtaken(JisuiError):
    """Somebody else moved the correction first."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What public security tells of one citizen number; blanks where nothing of it changed."""

    kind: NoticeKind
    citizen_number: str = field(repr=False)
    name: str = field(repr=False)
    new_number: str = field(default="", repr=False)
    new_name: str = field(default="", repr=False)
    effective_on: date | None = None

    def apply(self, identity: Identity) -> Identity:
        """The identity as it would be; its birth date and sex stay as they are."""
        document = identity.document
        if self.kind is NoticeKind.RENUMBERED and document is not None:
            document = Document(document.kind, document.label, self.new_number)
        name = self.new_name if self.kind is NoticeKind.RENAMED else identity.name
        return replace(identity, name=name, document=document)

    @property
    def opposite(self) -> "Notice":
        """What undoes this one: told of the person as this one left it."""
        match self.kind:
            case NoticeKind.RENAMED:
                return replace(self, name=self.new_name, new_name=self.name)
            case NoticeKind.RENUMBERED:
                former = self.citizen_number
                return replace(self, citizen_number=self.new_number, new_number=former)
            case NoticeKind.CANCELLED:
                return replace(self, kind=NoticeKind.RESTORED)
            case NoticeKind.RESTORED:
                return replace(self, kind=NoticeKind.CANCELLED)


@dataclass(frozen=True, slots=True)
class Correction:
    """One record a notice meets, and how far its decision has come."""

    correction_id: str
    notice_id: str
    subject_id: str
    key_id: str
    school: str
    area: str
    state: State
    version: int
    owner: str
    created_at: datetime
    due_on: str | None = None
    escalations: int = 0
    effects_hash: str | None = None
    proposed_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


_COLUMNS = tuple(_corrections[one.name] for one in fields(Correction))


async def load_correction(
    connection: AsyncConnection, correction_id: str, *, lock: bool = False
) -> Correction | None:
    """The correction, or None."""
    found = await load_corrections(connection, [correction_id], lock=lock)
    return found[0] if found else None


async def load_corrections(
    connection: AsyncConnection, correction_ids: Collection[str], *, lock: bool = False
) -> list[Correction]:
    """These corrections, in the order of their ids."""
    named = _corrections.correction_id.in_(sorted(correction_ids))
    return await _load(connection, named, lock=lock)


async def corrections_of(connection: AsyncConnection, notice_id: str) -> list[Correction]:
    """The corrections a notice became, locked."""
    return await _load(connection, _corrections.notice_id == notice_id, lock=True)


async def list_corrections(
    connection: AsyncConnection, area: str, state: State | None, after: str, limit: int
) -> list[Correction]:
    """The corrections of an area, by its first digits, after an id."""
    query = select(*_COLUMNS).where(_corrections.area.startswith(area, autoescape=True))
    if state is not None:
        query = query.where(_corrections.state == state.value)
    page = query.where(_corrections.correction_id > after).order_by(_corrections.correction_id)
    return [correction_of(row) for row in await connection.execute(page.limit(limit))]


async def store_correction(connection: AsyncConnection, correction: Correction) -> Correction:
    """The correction as written; raise `Overtaken` if it was moved since it was loaded."""
    stored = replace(correction, version=correction.version + 1)
    mine = (_corrections.correction_id == correction.correction_id) & (
        _corrections.version == correction.version
    )
    done = await connection.execute(
        update(identity_corrections).where(mine).values(columns_of(stored))
    )
    if done.rowcount != 1:
        raise Overtaken("the correction was moved by somebody else")
    return stored


async def load_notice(connection: AsyncConnection, notice_id: str) -> Row[Any]:
    """The notice's row."""
    query = select(identity_notices).where(_notices.notice_id == notice_id)
    return (await connection.execute(query)).one()


def ended(correction: Correction, state: State, user: str, now: datetime) -> Correction:
    """The correction after somebody's decision: nobody's turn any more."""
    return replace(
        correction, state=state, decided_by=user, decided_at=now, owner="end", due_on=None
    )


async def _load(
    connection: AsyncConnection, condition: ColumnElement[bool], *, lock: bool
) -> list[Correction]:
    query = select(*_COLUMNS).where(condition).order_by(_corrections.correction_id)
    rows = await connection.execute(query.with_for_update() if lock else query)
    return [correction_of(row) for row in rows]


def correction_of(row: Row[Any]) -> Correction:
    """The correction in a row."""
    columns = row._asdict()
    return Correction(**columns | {"state": State(columns["state"])})


def columns_of(correction: Correction) -> dict[str, object]:
    """The row of a correction."""
    return asdict(correction) | {"state": correction.state.value}


def seal_notice(notice: Notice, key: DataKey) -> bytes:
    """The notice, sealed under a key of its own."""
    return key.seal(json.dumps(asdict(notice), default=date.isoformat).encode(), "notice")


def open_notice(sealed: bytes, key: DataKey) -> Notice:
    """The notice sealed by `seal_notice`."""
    told = json.loads(key.open(sealed, "notice"))
    on = told["effective_on"]
    changed = {
        "kind": NoticeKind(told["kind"]),
        "effective_on": date.fromisoformat(on) if on else None,
    }
    return Notice(**told | changed)
