"""How far each subscriber is behind its stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.pulling.tables import handed_out
from gateway.feed.subscribing.subscription import Mode, State
from gateway.feed.tables import status_changes, streams, subscriptions


@dataclass(frozen=True, slots=True)
class Lag:
    """One subscriber; `oldest` is when the first event it was not given was recorded, if any."""

    subscription_id: str
    mode: Mode
    head: int
    acknowledged: int
    handed_out: int
    oldest: datetime | None
    asked_at: datetime | None
    created_at: datetime

    @property
    def undelivered(self) -> int:
        """How many events wait for it."""
        return self.head - self.handed_out


async def load_lags(connection: AsyncConnection) -> Sequence[Lag]:
    """Every subscriber whose subscription is active."""
    ours = subscriptions.c
    given = _given()
    query = (
        select(
            *(ours.subscription_id, ours.mode, ours.head, ours.acknowledged),
            given.label("handed_out"),
            status_changes.c.recorded_at.label("oldest"),
            *(ours.asked_at, ours.created_at),
        )
        .outerjoin_from(
            subscriptions, handed_out, handed_out.c.subscription_id == ours.subscription_id
        )
        .outerjoin(
            streams,
            and_(streams.c.subscription_id == ours.subscription_id, streams.c.number == given + 1),
        )
        .outerjoin(status_changes, status_changes.c.change_id == streams.c.change_id)
        .where(ours.state == State.ACTIVE.value)
        .order_by(ours.subscription_id)
    )
    rows = await connection.execute(query)
    return [Lag(**row._asdict() | {"mode": Mode(row.mode)}) for row in rows]


def _given() -> ColumnElement[int]:
    """What was handed out, or acknowledged beyond that."""
    acknowledged, given = subscriptions.c.acknowledged, func.coalesce(handed_out.c.number, 0)
    return case((acknowledged > given, acknowledged), else_=given)
