"""A subscription as everybody reads it: who receives what, how, and how far it has come."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.feed.subscribing.terms import Mode, State, Terms
from gateway.feed.tables import subscriptions

__all__ = [
    "Mode",
    "NoSubscription",
    "State",
    "Subscription",
    "Terms",
    "load_named",
    "load_subscription",
    "load_subscriptions",
]


class NoSubscription(JisuiError):
    """There is no subscription under this id."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One standing order; `head` is its stream's last number, `acknowledged` the subscriber's."""

    subscription_id: str
    name: str
    institution: str
    terms: Terms
    mode: Mode
    batch: int
    url: str
    networks: tuple[str, ...]
    state: State
    state_reason: str
    key_id: str
    sealed_secrets: bytes = field(repr=False)
    overlap_until: datetime | None
    position: int
    head: int
    acknowledged: int
    asked_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @property
    def pushes(self) -> bool:
        """Whether events are delivered to an address."""
        return self.mode is not Mode.PULL


async def load_subscription(connection: AsyncConnection, subscription_id: str) -> Subscription:
    """The subscription with this id; raise `NoSubscription`."""
    mine = subscriptions.c.subscription_id == subscription_id
    row = (await connection.execute(select(subscriptions).where(mine))).one_or_none()
    if row is None:
        raise NoSubscription(f"没有这个订阅 · no such subscription: {subscription_id}")
    return _subscription(row)


async def load_subscriptions(
    connection: AsyncConnection, states: Collection[State] = tuple(State)
) -> list[Subscription]:
    """All subscriptions in these states, the oldest first."""
    query = (
        select(subscriptions)
        .where(subscriptions.c.state.in_([state.value for state in states]))
        .order_by(subscriptions.c.subscription_id)
    )
    return [_subscription(row) for row in await connection.execute(query)]


async def load_named(
    connection: AsyncConnection, subscription_ids: Collection[str]
) -> list[Subscription]:
    """Those of the subscriptions that there are, in any state; the oldest first."""
    query = (
        select(subscriptions)
        .where(subscriptions.c.subscription_id.in_(subscription_ids))
        .order_by(subscriptions.c.subscription_id)
    )
    return [_subscription(row) for row in await connection.execute(query)]


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    columns = row._asdict()
    terms = Terms(
        areas=tuple(columns.pop("areas").split()),
        stages=tuple(columns.pop("stages").split()),
        events=tuple(columns.pop("events").split()),
        field_policy=columns.pop("field_policy"),
        approval=columns.pop("approval"),
    )
    typed = {
        "mode": Mode(columns["mode"]),
        "state": State(columns["state"]),
        "url": columns["url"] or "",
        "networks": tuple(columns["networks"].split()),
    }
    return Subscription(terms=terms, **(columns | typed))
