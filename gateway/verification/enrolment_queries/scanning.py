"""Scanning: who walks through children instead of looking for one, seen in blind traces."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.persons import person
from gateway.office_hours import OfficeHours
from gateway.verification.enrolment_queries.children import Trace
from gateway.verification.enrolment_queries.stops import (
    WHOLE_UNIT,
    Signal,
    last_release,
)
from gateway.verification.enrolment_queries.tables import enrolment_traces

_columns = enrolment_traces.c


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many distinct children are too many, by signal; reaching one is still no scanning."""

    children: int
    same_birth: int
    neighbours: int
    off_hours: int
    misses: int

    def exceeded(self, counted: Mapping[Signal, int]) -> Signal | None:
        """The first signal that is over its threshold."""
        over = (signal for signal in Signal if counted[signal] > getattr(self, signal.value))
        return next(over, None)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched for: thresholds for one officer and for all of a unit, in one window."""

    officer: Thresholds
    unit: Thresholds
    window: timedelta
    hours: OfficeHours

    async def caught(
        self, connection: AsyncConnection, unit: str, officer: str, now: datetime
    ) -> tuple[str, Signal] | None:
        """Who is to be stopped for what: the officer, or `WHOLE_UNIT`; None where nobody is.

        The traces of the query that is being decided are written before.
        """
        sides = ((person(officer), self.officer), (WHOLE_UNIT, self.unit))
        for side, thresholds in sides:
            counted = await self._count(connection, unit, side, now)
            signal = thresholds.exceeded(counted)
            if signal is not None:
                return side, signal
        return None

    async def _count(
        self, connection: AsyncConnection, unit: str, officer: str, now: datetime
    ) -> Mapping[Signal, int]:
        released = await last_release(connection, unit, officer)
        since = max(now - self.window, released) if released else now - self.window
        theirs = [_columns.unit == unit, _columns.asked_at > since]
        if officer != WHOLE_UNIT:
            theirs.append(_columns.officer == officer)
        counts = select(
            func.count(_columns.child.distinct()),
            _distinct_where(_columns.adjacent),
            _distinct_where(_columns.off_hours),
            _distinct_where(_columns.missed),
        ).where(*theirs)
        children, adjacent, off_hours, missed = (await connection.execute(counts)).one()
        return {
            Signal.CHILDREN: children,
            Signal.SAME_BIRTH: await _largest_birth(connection, theirs),
            Signal.NEIGHBOURS: adjacent,
            Signal.OFF_HOURS: off_hours,
            Signal.MISSES: missed,
        }


async def neighbours_asked(
    connection: AsyncConnection, unit: str, traces: Sequence[Trace], since: datetime
) -> list[bool]:
    """For each trace, whether one of its neighbours was asked about by the unit, now or before."""
    wanted = {near for trace in traces for near in trace.neighbours}
    places = {trace.place for trace in traces} & wanted
    near = sorted(wanted)
    for some in _portions(near):
        query = select(_columns.place).where(
            _columns.unit == unit, _columns.asked_at > since, _columns.place.in_(some)
        )
        places |= set((await connection.execute(query)).scalars())
    return [not trace.neighbours.isdisjoint(places) for trace in traces]


async def forget_traces(connection: AsyncConnection, before: datetime) -> int:
    """Drop the traces that no window reaches any more; how many there were."""
    gone = await connection.execute(delete(enrolment_traces).where(_columns.asked_at <= before))
    return gone.rowcount


async def _largest_birth(connection: AsyncConnection, theirs: Sequence[ColumnElement[bool]]) -> int:
    size = func.count(_columns.child.distinct())
    query = (
        select(size)
        .where(*theirs, _columns.birth.is_not(None))
        .group_by(_columns.birth)
        .order_by(size.desc())
        .limit(1)
    )
    return (await connection.execute(query)).scalar() or 0


def _distinct_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, _columns.child)).distinct())


def _portions(values: Sequence[str], size: int = 4000) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
