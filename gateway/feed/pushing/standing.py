"""How a lane stands: how far it is, how it fares, what it set aside."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.feed.pushing.tables import REASON_LENGTH, push_asides, push_standings
from gateway.feed.subscribing.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one lane is; `suspect` is the event that alone failed, 0 where there is none.

    Between `reached` and `bound` lies what failed together and is searched half by half.
    """

    reached: int
    bound: int = 0
    suspect: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    reason: str = ""
    delivered_at: datetime | None = None
    beat_at: datetime | None = None

    def span(self, batch: int) -> int:
        """How many events to send at once."""
        searched = self.bound - self.reached
        return max(1, min(batch, searched // 2)) if searched > 0 else batch

    def rests(self, now: datetime) -> bool:
        """Whether nothing is sent at present."""
        return self.rests_until is not None and now < self.rests_until


@dataclass(frozen=True, slots=True)
class Aside:
    """One event that was set aside, `front`, or waits behind an earlier one of its child."""

    number: int
    person_id: str
    since: datetime
    front: bool = False
    attempts: int = 0
    next_at: datetime | None = None
    reason: str = ""
    announced_at: datetime | None = None


async def load_standing(connection: AsyncConnection, subscription: Subscription) -> Standing:
    """How the lane stands; a lane that never ran begins after what is acknowledged."""
    mine = push_standings.c.subscription_id == subscription.subscription_id
    row = (await connection.execute(select(push_standings).where(mine))).one_or_none()
    if row is None:
        return Standing(subscription.acknowledged)
    columns = row._asdict()
    del columns["subscription_id"]
    # What was acknowledged otherwise, by a page that was pulled or by a jump, is not sent any more.
    reached = max(row.reached, subscription.acknowledged)
    suspect = row.suspect if row.suspect > reached else 0
    return Standing(**columns | {"reached": reached, "suspect": suspect})


async def save_standing(
    connection: AsyncConnection, subscription_id: str, standing: Standing
) -> None:
    """Keep how the lane stands."""
    columns = asdict(standing) | {"reason": standing.reason[:REASON_LENGTH]}
    statement = insert_into(connection, push_standings).values(
        subscription_id=subscription_id, **columns
    )
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["subscription_id"], set_=columns)
    )


async def load_asides(connection: AsyncConnection, subscription_id: str) -> tuple[Aside, ...]:
    """Everything set aside, in order of its numbers."""
    query = (
        select(*(push_asides.c[name] for name in Aside.__slots__))
        .where(push_asides.c.subscription_id == subscription_id)
        .order_by(push_asides.c.number)
    )
    return tuple(Aside(**row._asdict()) for row in await connection.execute(query))


async def set_aside(
    connection: AsyncConnection, subscription_id: str, asides: Iterable[Aside]
) -> None:
    """Keep these as set aside."""
    rows = [
        asdict(aside) | {"subscription_id": subscription_id, "reason": aside.reason[:REASON_LENGTH]}
        for aside in asides
    ]
    if rows:
        await connection.execute(insert(push_asides), rows)


async def change_aside(connection: AsyncConnection, subscription_id: str, aside: Aside) -> None:
    """Keep how this one fares."""
    columns = asdict(aside) | {"reason": aside.reason[:REASON_LENGTH]}
    await connection.execute(
        update(push_asides).where(*_is(subscription_id, aside)).values(columns)
    )


async def release(
    connection: AsyncConnection, subscription_id: str, aside: Aside, now: datetime
) -> None:
    """Forget one that was delivered or acknowledged; the next of its child comes to the front."""
    await connection.execute(delete(push_asides).where(*_is(subscription_id, aside)))
    asides = push_asides.c
    waiting = (
        select(asides.number)
        .where(asides.subscription_id == subscription_id, asides.person_id == aside.person_id)
        .order_by(asides.number)
        .limit(1)
    )
    await connection.execute(
        update(push_asides)
        .where(asides.subscription_id == subscription_id, ~asides.front)
        .where(asides.number == waiting.scalar_subquery())
        .values(front=True, next_at=now, announced_at=now)  # nothing is wrong with it so far
    )


def _is(subscription_id: str, aside: Aside) -> tuple[ColumnElement[bool], ...]:
    return (
        push_asides.c.subscription_id == subscription_id,
        push_asides.c.number == aside.number,
    )
