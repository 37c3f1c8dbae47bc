"""How silence is wired: the watch over subscribers, and their gauges."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from prometheus_client import CollectorRegistry

from gateway.feed.silence.calendar import Calendar, Expected
from gateway.feed.silence.gauges import FeedGauges
from gateway.feed.silence.measuring import measure_on
from gateway.feed.silence.watching import Watching
from gateway.upkeep import Chore
from gateway.wiring.ground import Ground
from gateway.working_days import WorkingDays, load_overrides

_MINUTE = 60.0


def wire_watching(ground: Ground) -> Chore:
    """The chore that opens and closes incidents."""
    silence = ground.settings.silence
    watching = Watching(
        database=ground.database,
        clock=ground.clock,
        identifiers=ground.identifiers,
        calendar=_calendar(ground),
        oldest_allowed=timedelta(minutes=silence.oldest_minutes),
    )
    return Chore("watch_subscribers", _MINUTE, watching.check, ground.database, ground.clock)


@asynccontextmanager
async def measuring_feeds(ground: Ground, registry: CollectorRegistry) -> AsyncIterator[None]:
    """Keep the feed's gauges fresh meanwhile."""
    gauges = FeedGauges(registry)
    measuring = asyncio.create_task(
        measure_on(ground.database, ground.clock, gauges), name="feed gauges"
    )
    try:
        yield
    finally:
        measuring.cancel()
        await asyncio.gather(measuring, return_exceptions=True)


def _calendar(ground: Ground) -> Calendar:
    silence = ground.settings.silence
    days = WorkingDays(load_overrides(ground.settings.intake.holidays_file))
    expected = tuple(
        Expected(span.days, span.from_hour, span.to_hour, timedelta(minutes=span.minutes))
        for span in silence.expected
    )
    otherwise, holidays = (
        timedelta(minutes=minutes) for minutes in (silence.minutes, silence.holiday_minutes)
    )
    return Calendar(expected, otherwise, holidays, days.is_working)
