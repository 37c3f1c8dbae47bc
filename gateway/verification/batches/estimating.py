"""When a batch will be over: its pace, held against what was agreed and the register's hours; pure.

The pace is taken as it was lately. Hours and days of the quota and opening hours then say how much
of each day there is to use; other work for the same register is not foreseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gateway.calls.hours import Hours
from gateway.office_hours import OFFICE_TIME

LOOK_AHEAD_DAYS = 400
_SECONDS_AN_HOUR = 3600.0


class Left(Protocol):
    """What a quota leaves in one window."""

    @property
    def limit(self) -> int:
        """How many calls were agreed."""

    @property
    def spent(self) -> int:
        """How many of them are gone."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How fast a register is asked: calls a second as measured, its quota by window, its hours."""

    pace: float | None
    left: Mapping[str, Left]
    hours: Hours


def estimate(calls: int, terms: Terms, now: datetime) -> datetime | None:
    """When so many calls will have been made; None where nothing tells, or never."""
    if not calls:
        return now
    pace = _pace(terms)
    contract = terms.left.get("contract")
    if not pace or (contract and contract.limit - contract.spent < calls):
        return None
    remaining, today = float(calls), now.astimezone(OFFICE_TIME).date()
    for offset in range(-1, LOOK_AHEAD_DAYS):
        budget = _budget(terms, first=offset <= 0)
        for opens, closes in terms.hours.openings(today + timedelta(days=offset)):
            begin = max(opens, now)
            able = min(budget, max((closes - begin).total_seconds(), 0.0) * pace)
            if able >= remaining:
                return begin + timedelta(seconds=remaining / pace)
            remaining, budget = remaining - able, budget - able
    return None


def _pace(terms: Terms) -> float | None:
    """Calls a second at most."""
    second, hour = terms.left.get("second"), terms.left.get("hour")
    paces = [
        terms.pace,
        float(second.limit) if second else None,
        hour.limit / _SECONDS_AN_HOUR if hour else None,
    ]
    return min((pace for pace in paces if pace is not None), default=None)


def _budget(terms: Terms, *, first: bool) -> float:
    day = terms.left.get("day")
    if day is None:
        return float("inf")
    return float(max(day.limit - day.spent, 0) if first else day.limit)
