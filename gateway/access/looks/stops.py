"""Stops: a person is shown no child any more until another person lets them go on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant, Scope
from gateway.access.looks.tables import access_stops
from gateway.access.looks.thresholds import Signal
from gateway.access.persons import person
from gateway.access.vocabulary import Reach
from gateway.clock import Clock
from gateway.database import Database

STALE_SECONDS = 1.0

_columns = access_stops.c


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks: a person of an institution, or its system where no person was named."""

    institution: str
    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop, and how it ended if it did."""

    stop_id: str
    institution: str
    area: str
    looker: str
    purpose: str
    signal: Signal
    stopped_at: datetime
    released_at: datetime | None = None
    released_by: str | None = None
    reason: str | None = None


class Standing:
    """Who is stopped, as the store knows it, remembered for `STALE_SECONDS` and no longer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._stopped: frozenset[Looker] = frozenset()
        self._read_at: datetime | None = None

    async def holds(self, looker: Looker) -> bool:
        """Whether this person is stopped."""
        now = self._clock.now()
        age = (now - self._read_at).total_seconds() if self._read_at else -1.0
        if not 0 <= age <= STALE_SECONDS:  # a clock set back must not hide a stop
            async with self._database.reading() as connection:
                self._stopped = await stopped(connection)
            self._read_at = now
        return looker in self._stopped


def looker_of(grant: Grant) -> Looker:
    """Who looks with this grant."""
    return Looker(grant.institution, person(grant.user) or grant.caller)


async def stopped(connection: AsyncConnection) -> frozenset[Looker]:
    """Everybody who is stopped at this moment."""
    query = select(_columns.institution, _columns.looker).where(_columns.released_at.is_(None))
    return frozenset(Looker(*row) for row in await connection.execute(query))


async def stop(connection: AsyncConnection, stop: Stop) -> None:
    """Stop somebody: every process sees it within `STALE_SECONDS`."""
    values = {name: getattr(stop, name) for name in Stop.__slots__}
    await connection.execute(insert(access_stops).values(values))


async def last_release(connection: AsyncConnection, looker: Looker) -> datetime | None:
    """When somebody was last let go on: counting began anew then."""
    query = (
        select(_columns.released_at)
        .where(_columns.institution == looker.institution, _columns.looker == looker.name)
        .where(_columns.released_at.is_not(None))
        .order_by(_columns.released_at.desc())
        .limit(1)
    )
    released: datetime | None = (await connection.execute(query)).scalar()
    return released


async def find_stop(connection: AsyncConnection, stop_id: str) -> Stop | None:
    """One stop, locked until the transaction ends."""
    query = select(access_stops).where(_columns.stop_id == stop_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return _stop(row) if row is not None else None


async def list_stops(
    connection: AsyncConnection, scope: Scope, *, standing: bool, before: str, limit: int
) -> list[Stop]:
    """Stops within a scope, the newest first; only those that stand, where so wished."""
    query = select(access_stops).where(_within(scope)).order_by(_columns.stop_id.desc())
    if standing:
        query = query.where(_columns.released_at.is_(None))
    if before:
        query = query.where(_columns.stop_id < before)
    return [_stop(row) for row in await connection.execute(query.limit(limit))]


async def release(
    connection: AsyncConnection, stop_id: str, by: str, reason: str, now: datetime
) -> None:
    """End a stop."""
    await connection.execute(
        update(access_stops)
        .where(_columns.stop_id == stop_id)
        .values(released_at=now, released_by=by, reason=reason)
    )


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.reach is Reach.INSTITUTION:
        return _columns.institution == scope.value
    return _columns.area.startswith(scope.value, autoescape=True)


def _stop(row: Row[tuple[object, ...]]) -> Stop:
    values = row._asdict()
    return Stop(**values | {"signal": Signal(values["signal"])})
