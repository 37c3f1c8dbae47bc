"""Places in a stream: which change stands under which number, and what that change is."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.tables import status_changes, streams

Place = tuple[int, str]
"""A number, and what stands there: change, side of it that is told, and why, a space between."""

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
_LINES = (
    select(
        (
            cast(streams.c.number, Text)
            + literal_column("' '")
            + streams.c.change_id
            + literal_column("' '")
            + streams.c.half
            + literal_column("' '")
            + streams.c.reason
        ).label("line")
    )
    .where(_MINE, streams.c.number > bindparam("after"))
    .order_by(streams.c.number)
    .limit(bindparam("at_most"))
    .subquery()
)
# One row of text: with a row for each place the driver would fight for the interpreter's lock
# before every one of them, against everybody else who reads or sends.
_PLACES = select(func.aggregate_strings(_LINES.c.line, "\n"))
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
    lines = (await connection.execute(_PLACES, span)).scalar() or ""
    places = (line.partition(" ") for line in lines.splitlines())
    return sorted((int(number), what) for number, _, what in places)  # they mostly are already


def what_stands(change_id: str, half: str, reason: str) -> str:
    """What stands at a place, as `Place` has it."""
    return f"{change_id} {half} {reason}"


def reason_of(what: str) -> str:
    """Why something stands at its place."""
    return what.rpartition(" ")[2]


async def load_changes(
    connection: AsyncConnection, subscription_id: str, numbers: Iterable[int]
) -> Sequence[Row[tuple[object, ...]]]:
    """The places under these numbers, each with its change; in any order."""
    wanted = {"subscription_id": subscription_id, "numbers": sorted(numbers)}
    if not wanted["numbers"]:
        return []
    return (await connection.execute(_CHANGES, wanted)).all()
