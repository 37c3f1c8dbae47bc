"""Keeping the gauges of the feed fresh, for as long as a process answers."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.silence.gauges import FeedGauges
from gateway.feed.silence.lag import load_lags

EVERY_SECONDS = 15.0
_log = structlog.get_logger()


async def measure(database: Database, clock: Clock, gauges: FeedGauges) -> None:
    """Show how far each subscriber is at this moment."""
    async with database.reading() as connection:
        lags = await load_lags(connection)
    gauges.show(lags, clock.now())


async def measure_on(database: Database, clock: Clock, gauges: FeedGauges) -> None:
    """Measure again and again, for as long as this is not cancelled."""
    while True:
        try:
            await measure(database, clock, gauges)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("feed_not_measured", fault=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
