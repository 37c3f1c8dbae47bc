"""Legal holds: an order that nothing about a child, a case, or anybody, be let go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.among import among
from gateway.database import insert_into
from gateway.evidence.retaining.tables import expired_details, held, legal_holds

_holds = legal_holds.c


class OnHold(JisuiError):
    """What was to be erased is under a legal hold."""

    def __init__(self) -> None:
        super().__init__("处于法定保全中，不得清除 · under a legal hold: nothing is erased")


class NoSuchHold(JisuiError):
    """There is no such hold, or it is released."""

    def __init__(self) -> None:
        super().__init__("没有该保全，或已解除 · no such hold, or released already")


class HoldKind(StrEnum):
    """What a hold holds."""

    CHILD = "child"
    CASE = "case"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Order:
    """Who places or releases a hold, who approved that, and under which reference."""

    by: str
    approved_by: str
    approval: str


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold; `released_at` is None while it stands."""

    hold_id: str
    kind: HoldKind
    approval: str
    placed_by: str
    placed_at: datetime
    released_at: datetime | None


async def place(
    connection: AsyncConnection,
    hold_id: str,
    kind: HoldKind,
    values: Collection[str],
    order: Order,
    now: datetime,
) -> None:
    """Hold what is known under these values from now on; of everything, none is named."""
    row = {
        "hold_id": hold_id,
        "kind": kind.value,
        "approval": order.approval,
        "placed_by": order.by,
        "placed_approved_by": order.approved_by,
        "placed_at": now,
    }
    await connection.execute(insert(legal_holds).values(row))
    await hold_values(connection, hold_id, values)


async def hold_values(connection: AsyncConnection, hold_id: str, values: Collection[str]) -> None:
    """Have a hold hold these too."""
    rows = [{"hold_id": hold_id, "value": value} for value in sorted(values)]
    if rows:
        await connection.execute(insert_into(connection, held).on_conflict_do_nothing(), rows)


async def release(
    connection: AsyncConnection, hold_id: str, order: Order, now: datetime
) -> HoldKind:
    """End a hold; what was past its time goes with the next round. Raises `NoSuchHold`."""
    mine = (_holds.hold_id == hold_id) & _holds.released_at.is_(None)
    kind = await connection.scalar(select(_holds.kind).where(mine))
    if kind is None:
        raise NoSuchHold
    ended = {
        "released_by": order.by,
        "released_approved_by": order.approved_by,
        "released_at": now,
    }
    await connection.execute(update(legal_holds).where(mine).values(ended))
    await connection.execute(delete(expired_details))  # everything is gone through once more
    return HoldKind(kind)


async def list_holds(connection: AsyncConnection, *, standing: bool) -> Sequence[Hold]:
    """The holds, the newest first; `standing` leaves out those that were released."""
    query = select(legal_holds).order_by(_holds.hold_id.desc())
    if standing:
        query = query.where(_holds.released_at.is_(None))
    return [
        Hold(
            row.hold_id,
            HoldKind(row.kind),
            row.approval,
            row.placed_by,
            row.placed_at,
            row.released_at,
        )
        for row in await connection.execute(query)
    ]


async def values_of(connection: AsyncConnection, hold_id: str) -> frozenset[str]:
    """What a hold holds, by value."""
    query = select(held.c.value).where(held.c.hold_id == hold_id)
    return frozenset((await connection.execute(query)).scalars())


async def require_free(connection: AsyncConnection, refs: Collection[str]) -> None:
    """Return where none of these references is on hold; raise `OnHold`."""
    if await connection.scalar(select(_on_hold(among(held.c.value, refs)))):
        raise OnHold


def is_held(*values: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition that one of these columns' values is on hold, or everything is."""
    return _on_hold(or_(*(held.c.value == value for value in values)))


def _on_hold(named: ColumnElement[bool]) -> ColumnElement[bool]:
    stands = _holds.released_at.is_(None)
    this = exists().where(held.c.hold_id == _holds.hold_id, stands, named)
    everything = exists().where(_holds.kind == HoldKind.ALL.value, stands)
    return or_(this, everything)
