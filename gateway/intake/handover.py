"""One handover as the store holds it: load a group, move each purely, store the group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from contracts.records import Identity, Institution
from gateway.among import among, parameter
from gateway.intake.areas import area_of
from gateway.intake.rules.states import Event, Hold, Situation, State, transition
from gateway.intake.tables import handovers
from gateway.people.sealed import open_identity
from gateway.rows import write_rows
from gateway.sealing import DataKey


class Overtaken(JisuiError):
    """Somebody else moved the handover first; look at it again before acting."""


# Without slots: a child is copied a dozen times on its way, and a dictionary is copied at once
# where 43 slots are set one by one.
@dataclass(frozen=True)
class Handover:
    """One child's passage into primary school, column by column."""

    handover_id: str
    school: str
    area: str
    school_year: str
    key_id: str
    document_index: str | None
    number_index: str | None
    person_index: str
    sealed_name: bytes
    sealed_document: bytes | None
    sealed_listed_number: bytes | None
    sealed_particulars: bytes
    sealed_guardians: bytes | None
    case_reference: str
    trace_id: str
    faults: str  # reason codes of what is wrong with the row, JSON
    confirmed: bool
    reported: bool | None
    reported_on: str | None
    sealed_no_show_reason: bytes | None
    since_at: datetime
    state: str = State.LISTED.value
    hold: str | None = None
    undistinguished: bool = False
    version: int = 1
    owner: str = ""
    due_on: str | None = None
    escalations: int = 0
    grade: str | None = None
    looked_at: datetime | None = None
    patience_until: datetime | None = None
    standing: str | None = None
    matched_record: str | None = None
    chosen_record: str | None = None
    sealed_number: bytes | None = None
    unmapped: str | None = None
    offer_hash: str | None = None
    proposed_by: str | None = None
    automatic: bool = False
    passage: int = 1
    writing: str | None = None
    create_receipt: str | None = None
    closing_receipt: str | None = None
    advanced_on: str | None = None
    to_supplement: str | None = None
    looked_from: str | None = None
    identity_cleared_by: str | None = None
    sealed_return_reason: bytes | None = None
    # The columns as the store has them: what differs is written. None: not in the store yet.
    kept: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def situation(self) -> Situation:
        """Where it stands."""
        return Situation(State(self.state), Hold(self.hold) if self.hold else None)

    @property
    def request_id(self) -> str:
        """Our id towards both registers, the same however often we ask."""
        return f"{self.handover_id}-{self.passage}"

    def identity(self, key: DataKey) -> Identity:
        """The child as the school listed it."""
        columns = {
            name: getattr(self, name)
            for name in (
                "sealed_name",
                "sealed_document",
                "sealed_listed_number",
                "sealed_particulars",
                "sealed_guardians",
            )
        }
        return open_identity(columns, key)

    def number(self, key: DataKey) -> str | None:
        """The student number, known from one exact match or a person's choice on."""
        return key.open(self.sealed_number, "number").decode() if self.sealed_number else None

    def moved(self, event: Event, now: datetime, hold: Hold | None = None) -> "Handover":
        """The handover after an event; raise `NotAllowed` where it has no place."""
        after = transition(self.situation, event, hold)
        since_at = self.since_at if after == self.situation else now
        return replace(self, state=after.state.value, hold=_value(after.hold), since_at=since_at)


if TYPE_CHECKING:  # the checker knows which columns there are, and of which types
    from dataclasses import replace as replace
else:

    def replace(handover: Handover, **columns: object) -> Handover:
        """The handover with other values in these columns; cheaper than the library's."""
        copied = object.__new__(type(handover))
        vars(copied).update(vars(handover), **columns)
        return copied


def _value(hold: Hold | None) -> str | None:
    return hold.value if hold else None


_COLUMNS = tuple(column.name for column in fields(Handover) if column.name != "kept")
_IDENTITY = (
    "document_index",
    "number_index",
    "person_index",
    "sealed_name",
    "sealed_document",
    "sealed_listed_number",
    "sealed_particulars",
    "sealed_guardians",
)
# The row's own particulars are controlled fields (受控字段): they are never edited afterwards.
_FIXED = {
    "handover_id",
    "school",
    "area",
    "school_year",
    "key_id",
    "case_reference",
    "trace_id",
    *_IDENTITY,
}
_CHANGING = tuple(name for name in _COLUMNS if name not in _FIXED and name != "version")
_UPDATE = update(handovers).where(handovers.c.handover_id == bindparam("this_handover"))
_INSERT = insert(handovers)
_THESE = among(handovers.c.handover_id, parameter("handover_ids"))
_LOAD = select(*(handovers.c[name] for name in _COLUMNS)).where(_THESE)
# Locked in one order by everybody, so that two groups never wait for each other.
_LOCK = _LOAD.order_by(handovers.c.handover_id).with_for_update()
_VERSIONS = (
    select(handovers.c.handover_id, handovers.c.version)
    .where(_THESE)
    .order_by(handovers.c.handover_id)
    .with_for_update()
)


async def load(
    connection: AsyncConnection, handover_ids: Iterable[str], *, lock: bool = False
) -> list[Handover]:
    """The handovers with these ids, in the order of the ids; unknown ids are left out."""
    wanted = list(handover_ids)
    rows = await connection.execute(_LOCK if lock else _LOAD, {"handover_ids": wanted})
    found = {row.handover_id: _kept(dict(zip(_COLUMNS, row, strict=True))) for row in rows}
    return [found[handover_id] for handover_id in wanted if handover_id in found]


async def load_versions(
    connection: AsyncConnection, handover_ids: Iterable[str]
) -> Mapping[str, int]:
    """How often each of these was stored, locked until the transaction ends."""
    rows = await connection.execute(_VERSIONS, {"handover_ids": list(handover_ids)})
    return {row.handover_id: row.version for row in rows}


async def store(connection: AsyncConnection, changed: Sequence[Handover]) -> list[Handover]:
    """The handovers as written back; raise `Overtaken` if any was moved since it was loaded."""
    if not changed:
        return []
    expected = {handover.handover_id: handover.version for handover in changed}
    if await load_versions(connection, expected) != expected:
        raise Overtaken("a handover was moved by somebody else")
    stored = [replace(handover, version=handover.version + 1) for handover in changed]
    alike: dict[tuple[str, ...], list[dict[str, object]]] = defaultdict(list)
    for handover in stored:
        names = _changed(handover)
        columns = vars(handover)
        row = {name: columns[name] for name in names}
        alike[names].append(row | {"this_handover": handover.handover_id})
    for rows in alike.values():
        await write_rows(connection, _UPDATE, rows)
    return [_kept({name: vars(handover)[name] for name in _COLUMNS}) for handover in stored]


def _changed(handover: Handover) -> tuple[str, ...]:
    """The columns to write: those that differ from what the store has, and the version."""
    columns, kept = vars(handover), handover.kept
    if kept is None:
        return (*_CHANGING, "version")
    return (*(name for name in _CHANGING if columns[name] != kept[name]), "version")


def _kept(columns: dict[str, Any]) -> Handover:
    """The handover that the store has with these columns."""
    handover = object.__new__(Handover)
    vars(handover).update(columns, kept=columns)
    return handover


async def replace_identities(connection: AsyncConnection, corrected: Sequence[Handover]) -> None:
    """Put the identities of faulty rows right; for handovers nobody was asked about yet."""
    if not corrected:
        return
    statement = update(handovers).where(handovers.c.handover_id == bindparam("this_handover"))
    rows = [
        {"this_handover": handover.handover_id}
        | {name: getattr(handover, name) for name in _IDENTITY}
        for handover in corrected
    ]
    await connection.execute(statement, rows)


async def correct_areas(connection: AsyncConnection, places: Sequence[Institution]) -> None:
    """Put right the areas of lists that came before their school's place was known."""
    for place in places:
        area = area_of(place.code, place)
        misplaced = (handovers.c.school == place.code) & (handovers.c.area != area)
        values = {"area": area, "version": handovers.c.version + 1}
        await connection.execute(update(handovers).where(misplaced).values(values))


async def add(connection: AsyncConnection, new: Sequence[Handover]) -> None:
    """Write handovers that are not in the store yet."""
    rows = [{name: vars(handover)[name] for name in _COLUMNS} for handover in new]
    await write_rows(connection, _INSERT, rows)
