"""What the publishing leader adds to streams by order: back-fills, withdrawals, restatements.

The leader calls this in the transaction in which it publishes, after everything numbered was laid
into the streams: what an order adds stands behind all that the old terms brought, and once.
"""

import json
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    case,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.covering import Coverage, covers, half
from gateway.feed.rendering import WITHDRAWAL
from gateway.feed.subscribing.granting import terms_row
from gateway.feed.subscribing.steering import OrderKind
from gateway.feed.subscribing.tables import subscription_orders, subscription_terms
from gateway.feed.subscribing.terms import State, Terms
from gateway.feed.tables import status_changes, streams, subscriptions

BACKFILL = "backfill"
LATEST = "latest"

_Row = Row[tuple[object, ...]]
_Rows = Select[tuple[str, str, int, str]]  # a change, which half of it, its position, and why


async def carry_out_orders(connection: AsyncConnection, now: datetime) -> int:
    """Carry out every open order, the oldest first; how many events that added."""
    orders = subscription_orders.c
    waiting = select(subscription_orders).where(orders.done_at.is_(None)).order_by(orders.order_id)
    added = 0
    for order in (await connection.execute(waiting)).all():
        mine = subscriptions.c.subscription_id == order.subscription_id
        subscription = (await connection.execute(select(subscriptions).where(mine))).one()
        head = subscription.head
        if subscription.state != State.STOPPED.value:
            carry_out = _CARRYING_OUT[OrderKind(order.kind)]
            head = await carry_out(connection, subscription, order.terms, now)
        await _close(connection, order.order_id, subscription.head, head, now)
        added += head - subscription.head
    return added


async def _agree(connection: AsyncConnection, found: _Row, terms: str, now: datetime) -> int:
    """Put other terms in force, with what they newly cover and cover no longer; the new head."""
    agreed = terms_row(_terms(terms))
    old = Coverage(found.areas, found.stages, found.events)
    new = Coverage(str(agreed["areas"]), str(agreed["stages"]), str(agreed["events"]))
    head = await _add(connection, found, found.head, withdrawn(old, new, found.position))
    head = await _add(connection, found, head, filled(old, new, found.position))
    first = {"from_number": found.head + 1, "agreed_at": now}
    named = {"subscription_id": found.subscription_id}
    # Two orders between two events: the later terms stand in the place of the earlier.
    await connection.execute(
        subscription_terms.delete()
        .where(subscription_terms.c.subscription_id == found.subscription_id)
        .where(subscription_terms.c.from_number == found.head + 1)
    )
    await connection.execute(insert(subscription_terms), agreed | first | named)
    await _set(connection, found, **agreed, head=head, changed_at=now)
    return head


async def _restate(connection: AsyncConnection, found: _Row, _terms: str, now: datetime) -> int:
    """Restate the latest of each child the subscriber has not acknowledged; the new head.

    It goes on from the old head: what it missed may still be read, but is not delivered.
    """
    head = await _add(connection, found, found.head, missed(found))
    going_on = {"state": State.ACTIVE.value, "state_reason": "", "acknowledged": found.head}
    await _set(connection, found, **going_on, head=head, changed_at=now)
    return head


_CARRYING_OUT = {OrderKind.TERMS: _agree, OrderKind.LATEST: _restate}


def latest(coverage: Coverage, position: int) -> Subquery:
    """Each covered child's last covered change by this position: its person and version."""
    changes = status_changes.c
    return (
        select(changes.person_id, func.max(changes.version).label("version"))
        .where(changes.position <= position, covers(coverage), changes.late.is_(False))
        .group_by(changes.person_id)
        .subquery()
    )


def withdrawn(old: Coverage, new: Coverage, position: int) -> _Rows:
    """The states that the old coverage showed and the new one does not."""
    shown = latest(old, position)
    return _stated(shown, half(old.areas), WITHDRAWAL).where(not_(covers(new)))


def filled(old: Coverage, new: Coverage, position: int) -> _Rows:
    """The states that the new coverage shows and the old one did not, or only one half of."""
    shown, before = latest(new, position), latest(old, position)
    unlike = or_(
        before.c.version.is_(None),
        before.c.version != shown.c.version,
        half(old.areas) != half(new.areas),
    )
    return (
        _stated(shown, half(new.areas), BACKFILL)
        .outerjoin(before, before.c.person_id == shown.c.person_id)
        .where(unlike)
    )


def missed(found: _Row) -> _Rows:
    """The latest change of each child among those in the stream that are not acknowledged."""
    mine = (
        select(status_changes.c.person_id, func.max(streams.c.number).label("number"))
        .join(status_changes, status_changes.c.change_id == streams.c.change_id)
        .where(streams.c.subscription_id == found.subscription_id)
        .where(streams.c.number > found.acknowledged, status_changes.c.late.is_(False))
        .group_by(status_changes.c.person_id)
        .subquery()
    )
    # What was withdrawn stays withdrawn.
    reason = case((streams.c.reason == WITHDRAWAL, WITHDRAWAL), else_=LATEST).label("reason")
    return (
        select(status_changes.c.change_id, streams.c.half, status_changes.c.position, reason)
        .join(streams, streams.c.change_id == status_changes.c.change_id)
        .join(mine, mine.c.number == streams.c.number)
        .where(streams.c.subscription_id == found.subscription_id)
    )


def _stated(shown: Subquery, side: ColumnElement[str], reason: str) -> _Rows:
    changes = status_changes.c
    return (
        select(
            changes.change_id,
            side.label("half"),
            changes.position,
            literal(reason).label("reason"),
        )
        .select_from(status_changes)
        .join(
            shown, (shown.c.person_id == changes.person_id) & (shown.c.version == changes.version)
        )
    )


async def _add(connection: AsyncConnection, found: _Row, head: int, states: _Rows) -> int:
    """Add these states to the stream in the order of their changes; the new head."""
    some = states.subquery()
    rows = select(
        literal(found.subscription_id),
        head + func.row_number().over(order_by=some.c.position),
        some.c.change_id,
        some.c.half,
        some.c.reason,
    )
    columns = ["subscription_id", "number", "change_id", "half", "reason"]
    added = await connection.execute(insert(streams).from_select(columns, rows))
    return head + added.rowcount


async def _set(connection: AsyncConnection, found: _Row, **columns: object) -> None:
    mine = subscriptions.c.subscription_id == found.subscription_id
    await connection.execute(update(subscriptions).where(mine).values(columns))


async def _close(
    connection: AsyncConnection, order_id: str, before: int, head: int, now: datetime
) -> None:
    numbers = {"first_number": before + 1, "last_number": head} if head > before else {}
    await connection.execute(
        update(subscription_orders)
        .where(subscription_orders.c.order_id == order_id)
        .values(done_at=now, **numbers)
    )


def _terms(text: str) -> Terms:
    kept = json.loads(text)
    listed = {name: tuple(kept[name]) for name in ("areas", "stages", "events")}
    return Terms(**(kept | listed))
