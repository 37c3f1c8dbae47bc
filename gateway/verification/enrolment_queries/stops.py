"""Stops: an officer or a whole unit is answered no more until another person lets them go on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.persons import person
from gateway.verification.enrolment_queries.tables import enrolment_stops

WHOLE_UNIT = ""
_columns = enrolment_stops.c


class Signal(StrEnum):
    """What looked like scanning."""

    CHILDREN = "children"  # too many distinct children
    SAME_BIRTH = "same_birth"  # too many of one region and birth date
    NEIGHBOURS = "neighbours"  # numbers that lie side by side
    OFF_HOURS = "off_hours"  # too many outside office hours, without urgency
    MISSES = "misses"  # too many of whom nothing could be said


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop; `officer` is empty where it is the whole unit's."""

    stop_id: str
    unit: str
    officer: str
    approver: str
    signal: Signal
    query_id: str
    stopped_at: datetime
    released_at: datetime | None = None
    released_by: str | None = None
    reason: str | None = None


async def is_stopped(connection: AsyncConnection, unit: str, officer: str) -> bool:
    """Whether this officer or the whole unit is stopped at this moment."""
    query = select(_columns.stop_id).where(
        _columns.unit == unit,
        _columns.officer.in_([WHOLE_UNIT, person(officer)]),
        _columns.released_at.is_(None),
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def last_release(connection: AsyncConnection, unit: str, officer: str) -> datetime | None:
    """When the unit's (or the officer's) last stop was released: counting began anew then."""
    query = (
        select(_columns.released_at)
        .where(_columns.unit == unit, _columns.officer == officer)
        .where(_columns.released_at.is_not(None))
        .order_by(_columns.released_at.desc())
        .limit(1)
    )
    released: datetime | None = (await connection.execute(query)).scalar()
    return released


async def stop(connection: AsyncConnection, stop: Stop) -> None:
    """Stop them: every process sees it with its next query."""
    values = {name: getattr(stop, name) for name in Stop.__slots__}
    await connection.execute(insert(enrolment_stops).values(values))


async def find_stop(connection: AsyncConnection, stop_id: str) -> Stop | None:
    """One stop, locked until the transaction ends."""
    query = select(enrolment_stops).where(_columns.stop_id == stop_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return _stop(row) if row is not None else None


async def list_stops(
    connection: AsyncConnection, *, standing: bool, before: str, limit: int
) -> list[Stop]:
    """Stops, the newest first; only those that stand, where so wished."""
    query = select(enrolment_stops).order_by(_columns.stop_id.desc()).limit(limit)
    if standing:
        query = query.where(_columns.released_at.is_(None))
    if before:
        query = query.where(_columns.stop_id < before)
    return [_stop(row) for row in await connection.execute(query)]


def may_release(stop: Stop, user: str) -> bool:
    """Whether this is another person than those whose query it was."""
    return person(user) not in (stop.officer, stop.approver, "")


async def release(
    connection: AsyncConnection, stop_id: str, by: str, reason: str, now: datetime
) -> None:
    """End a stop."""
    await connection.execute(
        update(enrolment_stops)
        .where(_columns.stop_id == stop_id)
        .values(released_at=now, released_by=by, reason=reason)
    )


def _stop(row: Row[tuple[object, ...]]) -> Stop:
    values = row._asdict()
    return Stop(**values | {"signal": Signal(values["signal"])})
