"""How a lane stands: how far it is, how it fares, what it set aside."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_on
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


async def load_standings(
    connection: AsyncConnection, found: Collection[Subscription]
) -> Mapping[str, Standing]:
    """How these lanes stand; a lane that never ran begins after what is acknowledged."""
    theirs = push_standings.c.subscription_id.in_([one.subscription_id for one in found])
    rows = await connection.execute(select(push_standings).where(theirs))
    known = {row.subscription_id: row._asdict() for row in rows}
    return {
        one.subscription_id: _standing(known.get(one.subscription_id), one.acknowledged)
        for one in found
    }


def _standing(columns: dict[str, Any] | None, acknowledged: int) -> Standing:
    if columns is None:
        return Standing(acknowledged)
    del columns["subscription_id"]
    # What was acknowledged otherwise, by a page that was pulled or by a jump, is not sent any more.
    reached = max(columns["reached"], acknowledged)
    suspect = columns["suspect"] if columns["suspect"] > reached else 0
    return Standing(**columns | {"reached": reached, "suspect": suspect})


async def save_standings(connection: AsyncConnection, standings: Mapping[str, Standing]) -> None:
    """Keep how these lanes stand."""
    rows = [
        asdict(standing)
        | {"subscription_id": subscription_id, "reason": standing.reason[:REASON_LENGTH]}
        for subscription_id, standing in sorted(standings.items())
    ]
    if rows:
        await connection.execute(_SAVE[connection.dialect.name], rows)


async def load_asides(
    connection: AsyncConnection, subscription_ids: Collection[str]
) -> Mapping[str, tuple[Aside, ...]]:
    """Everything these lanes set aside, in order of its numbers."""
    query = (
        select(push_asides)
        .where(push_asides.c.subscription_id.in_(subscription_ids))
        .order_by(push_asides.c.number)
    )
    found = defaultdict[str, list[Aside]](list)
    for row in await connection.execute(query):
        columns = row._asdict()
        found[columns.pop("subscription_id")].append(Aside(**columns))
    return {subscription_id: tuple(asides) for subscription_id, asides in found.items()}


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


def _save(engine: str) -> Insert:
    statement = insert_on(engine, push_standings)
    kept = {name: statement.excluded[name] for name in Standing.__slots__}
    return statement.on_conflict_do_update(index_elements=["subscription_id"], set_=kept)


_SAVE = {engine: _save(engine) for engine in ("sqlite", "postgresql")}
