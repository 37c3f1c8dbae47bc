"""What was agreed with a system, and in which windows an instant counts; pure, no store."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

REGISTER_TIME = ZoneInfo("Asia/Shanghai")
# A call granted shortly before a window ends may arrive after it, and their clock is not ours:
# around the change it counts in both windows.
EDGE = timedelta(seconds=5)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Period(StrEnum):
    """What a number of calls is agreed for."""

    SECOND = "second"
    HOUR = "hour"
    DAY = "day"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls a period; a contract has a span, open at either end where none is named."""

    calls: int
    per: Period
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """One hour, day or contract: calls count in it from `starts_at` until before `ends_at`."""

    period: Period
    starts_at: datetime
    ends_at: datetime | None
    limit: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything agreed with one system."""

    agreed: tuple[Limit, ...] = ()

    @property
    def a_second(self) -> int | None:
        """The most calls in any second; None where nothing was agreed."""
        return min((limit.calls for limit in self._per(Period.SECOND)), default=None)

    def windows(self, now: datetime) -> frozenset[Window]:
        """Every window a call granted now may count in."""
        instants = (now - EDGE, now, now + EDGE)
        return frozenset(window for at in instants for window in self.windows_at(at))

    def windows_at(self, instant: datetime) -> Iterator[Window]:
        """The windows this very instant lies in."""
        for limit in self.agreed:
            if limit.per == Period.CONTRACT:
                yield from _contract(limit, instant)
            elif limit.per != Period.SECOND:
                starts_at = _start(limit.per, instant)
                yield Window(limit.per, starts_at, _end(limit.per, starts_at), limit.calls)

    def without_contract_until(self, now: datetime) -> datetime | None:
        """When a contract begins, where contracts were agreed and none covers now and the edges.

        The end of time where none ever will; None where one does, or none was agreed.
        """
        contracts = list(self._per(Period.CONTRACT))
        edges = (now - EDGE, now + EDGE)
        if not contracts or all(any(_covers(c, at) for c in contracts) for at in edges):
            return None
        beginnings = [c.begins + EDGE for c in contracts if c.begins and c.begins + EDGE > now]
        return min(beginnings, default=datetime.max.replace(tzinfo=UTC))

    def _per(self, period: Period) -> Iterable[Limit]:
        return (limit for limit in self.agreed if limit.per == period)


def _contract(limit: Limit, instant: datetime) -> Iterator[Window]:
    if _covers(limit, instant):
        yield Window(limit.per, limit.begins or _EVER, limit.ends, limit.calls)


def _covers(limit: Limit, instant: datetime) -> bool:
    begun = limit.begins is None or limit.begins <= instant
    return begun and (limit.ends is None or instant < limit.ends)


def _start(period: Period, instant: datetime) -> datetime:
    local = instant.astimezone(REGISTER_TIME)
    if period == Period.HOUR:
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return datetime.combine(local.date(), time(), REGISTER_TIME).astimezone(UTC)


def _end(period: Period, starts_at: datetime) -> datetime:
    # The zone has kept one offset since 1991, so that every day there has 24 hours.
    return starts_at + (timedelta(hours=1) if period == Period.HOUR else timedelta(days=1))
