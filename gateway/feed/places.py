"""Places in a stream: which change stands under which number, and what that change is."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.tables import status_changes, streams

Place = Row[int, str, str, str]
"""Number, change, the side of it that is told, and why it stands there."""

_TOLD = (
    "person_id",
    "version",
    "event",
    "stage",
    "area_from",
    "area_to",
    "school_from",
    "school_to",
    "source",
    "source_code",
    "late",
    "occurred_at",
    "recorded_at",
)
_MINE = streams.c.subscription_id == bindparam("subscription_id")
_PLACES = (
    select(streams.c.number, streams.c.change_id, streams.c.half, streams.c.reason)
    .where(_MINE, streams.c.number > bindparam("after"))
    .order_by(streams.c.number)
    .limit(bindparam("at_most"))
)
_CHANGES = (
    select(streams, *(status_changes.c[name] for name in _TOLD))
    .join(status_changes, status_changes.c.change_id == streams.c.change_id)
    .where(_MINE, streams.c.number.in_(bindparam("numbers", expanding=True)))
)


async def load_places(
    connection: AsyncConnection, subscription_id: str, after: int, limit: int
) -> Sequence[Place]:
    """The places after a number, in order, at most so many."""
    span = {"subscription_id": subscription_id, "after": after, "at_most": limit}
    return (await connection.execute(_PLACES, span)).all()


async def load_changes(
    connection: AsyncConnection, subscription_id: str, numbers: Iterable[int]
) -> Sequence[Row[tuple[object, ...]]]:
    """The places under these numbers, each with its change; in any order."""
    wanted = {"subscription_id": subscription_id, "numbers": sorted(numbers)}
    if not wanted["numbers"]:
        return []
    return (await connection.execute(_CHANGES, wanted)).all()
