"""What counts looks in tests, by the thresholds that are shipped."""

from collections.abc import Callable, Mapping
from datetime import time, timedelta

from gateway.access.looks.looking import Looks
from gateway.access.looks.stops import Standing
from gateway.access.looks.thresholds import Thresholds, load_thresholds
from gateway.access.vocabulary import Purpose
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Log
from gateway.office_hours import OfficeHours
from gateway.working_days import WorkingDays


def looks_like(
    database: Database,
    log: Log,
    clock: Clock,
    new_id: Callable[[], str],
    thresholds: Mapping[Purpose, Thresholds] | None = None,
) -> Looks:
    """Looks within a day, offices working from eight to six."""
    hours = OfficeHours(WorkingDays(), time(8), time(18))
    found = thresholds or load_thresholds()
    return Looks(Standing(database, clock), log, clock, new_id, found, timedelta(days=1), hours)
