"""Watching over subscribers: who stopped asking, who falls behind; one line a cause, no storm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.silence.calendar import Calendar
from gateway.feed.silence.incidents import Cause, Moved, update_incident
from gateway.feed.silence.lag import Lag, load_lags
from gateway.feed.subscribing.subscription import Mode
from gateway.identifiers import Identifiers

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Watching:
    """Compares each subscriber with its calendar and with how old its oldest event may grow."""

    database: Database
    clock: Clock
    identifiers: Identifiers
    calendar: Calendar
    oldest_allowed: timedelta

    async def check(self) -> None:
        """Open, update and close incidents."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            affected = self.affected(await load_lags(connection), now)
            moves = [
                await update_incident(connection, cause, affected[cause], self.identifiers, now)
                for cause in Cause
            ]
        for moved in moves:
            _tell(moved)

    def affected(self, lags: Iterable[Lag], now: datetime) -> Mapping[Cause, list[str]]:
        """Who is affected by which cause; whoever only receives pushes is not expected to ask."""
        known = list(lags)
        silent = [
            lag.subscription_id
            for lag in known
            if lag.mode is not Mode.PUSH
            and self.calendar.is_overdue(lag.asked_at or lag.created_at, now)
        ]
        behind = [
            lag.subscription_id
            for lag in known
            if lag.oldest is not None and now - lag.oldest > self.oldest_allowed
        ]
        return {Cause.SILENT: silent, Cause.BEHIND: behind}


def _tell(moved: Moved | None) -> None:
    if moved is not None and moved.opened:
        _log.warning("incident_opened", cause=moved.cause.value, affected=moved.affected)
    if moved is not None and moved.closed:
        _log.info("incident_closed", cause=moved.cause.value)
