"""Counting looks: each child shown is noted with its entry, and one too many stops the person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.access.looks.honey import any_honey
from gateway.access.looks.stops import (
    Looker,
    Standing,
    Stop,
    last_release,
    looker_of,
    stop,
    stopped,
)
from gateway.access.looks.tables import looks
from gateway.access.looks.thresholds import Signal, Thresholds
from gateway.access.vocabulary import Purpose
from gateway.clock import Clock
from gateway.database import insert_into
from gateway.evidence import Action, Log
from gateway.office_hours import OfficeHours

_columns = looks.c


@dataclass(frozen=True, slots=True)
class Look:
    """One child that is shown; `place` and `neighbours` where it was named by its number."""

    child: str
    place: str | None = None
    neighbours: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Looks:
    """Notes looks in the transaction that puts them on record; the next request feels a stop."""

    standing: Standing
    log: Log
    clock: Clock
    new_id: Callable[[], str]
    thresholds: Mapping[Purpose, Thresholds]
    window: timedelta
    hours: OfficeHours

    async def note(self, connection: AsyncConnection, grant: Grant, seen: Sequence[Look]) -> None:
        """Count these children, and stop the person where they are too many for the purpose.

        What is shown now is shown: nobody is answered half. Nothing is shown after it.
        """
        if not seen or grant.purpose is None:
            return
        looker, now = looker_of(grant), self.clock.now()
        await self._keep(connection, grant, looker, seen, now)
        signal = await self._signal(connection, grant, looker, seen, now)
        if signal is not None and looker not in await stopped(connection):
            await self._stop(connection, grant, looker, signal, now)

    async def forget(self, connection: AsyncConnection) -> int:
        """Drop the looks that no window reaches any more; how many there were."""
        before = self.clock.now() - self.window
        return (await connection.execute(delete(looks).where(_columns.seen_at <= before))).rowcount

    async def _keep(
        self,
        connection: AsyncConnection,
        grant: Grant,
        looker: Looker,
        seen: Sequence[Look],
        now: datetime,
    ) -> None:
        near = await self._near(connection, looker, seen, now)
        rows = [
            {
                "institution": looker.institution,
                "looker": looker.name,
                "purpose": grant.purpose,
                "child": look.child,
                "case_number": grant.case,
                "place": look.place,
                "near": not look.neighbours.isdisjoint(near),
                "off_hours": not self.hours.covers(now),
                "seen_at": now,
            }
            for look in sorted(seen, key=lambda look: look.child)
        ]
        new = insert_into(connection, looks)
        latest: dict[str, ColumnElement[Any]] = {
            "near": or_(_columns.near, new.excluded.near),
            **{name: new.excluded[name] for name in ("case_number", "off_hours", "seen_at")},
        }
        key = ["institution", "looker", "purpose", "child"]
        await connection.execute(new.on_conflict_do_update(index_elements=key, set_=latest), rows)

    async def _near(
        self, connection: AsyncConnection, looker: Looker, seen: Sequence[Look], now: datetime
    ) -> frozenset[str]:
        wanted = frozenset().union(*(look.neighbours for look in seen))
        if not wanted:
            return frozenset()
        mine = (*_by(looker, now - self.window), _columns.place.in_(sorted(wanted)))
        found = (await connection.execute(select(_columns.place).where(*mine))).scalars()
        return frozenset(found) | {look.place for look in seen if look.place}

    async def _signal(
        self,
        connection: AsyncConnection,
        grant: Grant,
        looker: Looker,
        seen: Sequence[Look],
        now: datetime,
    ) -> Signal | None:
        assert grant.purpose is not None  # looked at before
        if await any_honey(connection, sorted({look.child for look in seen})):
            return Signal.HONEY
        released = await last_release(connection, looker)
        since = max(now - self.window, released) if released else now - self.window
        counts = select(
            func.count(),
            _count_where(_columns.case_number == grant.case),
            _count_where(_columns.near),
            _count_where(_columns.off_hours),
        ).where(*_by(looker, since), _columns.purpose == grant.purpose)
        counted = Thresholds(*(await connection.execute(counts)).one())
        return self.thresholds[grant.purpose].exceeded(counted)

    async def _stop(
        self,
        connection: AsyncConnection,
        grant: Grant,
        looker: Looker,
        signal: Signal,
        now: datetime,
    ) -> None:
        made = Stop(
            stop_id=self.new_id(),
            institution=looker.institution,
            area=grant.area,
            looker=looker.name,
            purpose=grant.purpose or "",
            signal=signal,
            stopped_at=now,
        )
        await stop(connection, made)
        entry = grant.entry(Action.ACCESS_STOPPED, "stopped", made.stop_id, signal=signal.value)
        await self.log.append(connection, [entry])


def _by(looker: Looker, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        _columns.institution == looker.institution,
        _columns.looker == looker.name,
        _columns.seen_at > since,
    )


def _count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, _columns.child)))
