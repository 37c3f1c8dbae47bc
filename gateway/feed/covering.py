"""Which changes are for whom: by stage, by kind of event, and by the area on either side."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, false, or_, true

from gateway.feed.tables import status_changes


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is covered: area prefixes, stages, events (empty: all), each with one space between."""

    areas: str
    stages: str
    events: str


def covers(coverage: Coverage) -> ColumnElement[bool]:
    """Whether a change is covered: its stage, its kind, and either side's area."""
    changes = status_changes.c
    wanted = coverage.events.split()
    return and_(
        changes.stage.in_(coverage.stages.split()),
        changes.event.in_(wanted) if wanted else true(),
        or_(_within(changes.area_from, coverage.areas), _within(changes.area_to, coverage.areas)),
    )


def half(areas: str) -> ColumnElement[str]:
    """Which side of a change lies in these areas: `from`, `to`, or `both`.

    A change with one side only, as a suspension, is covered wholly by whoever covers that side.
    """
    changes = status_changes.c
    left = or_(_within(changes.area_from, areas), changes.area_from == "")
    came = or_(_within(changes.area_to, areas), changes.area_to == "")
    return case((and_(left, came), "both"), (left, "from"), else_="to")


def sided(coverage: Coverage) -> Callable[[Row[*tuple[Any, ...]]], str | None]:
    """The same decided here: a function that tells which side of a change is covered, if any."""
    areas = tuple(coverage.areas.split())
    stages, events = set(coverage.stages.split()), set(coverage.events.split())

    def side(change: Row[*tuple[Any, ...]]) -> str | None:
        left, came = change.area_from.startswith(areas), change.area_to.startswith(areas)
        if not (left or came) or change.stage not in stages:
            return None
        if events and change.event not in events:
            return None
        if (left or not change.area_from) and (came or not change.area_to):
            return "both"
        return "from" if left else "to"

    return side


def _within(area: ColumnElement[str], areas: str) -> ColumnElement[bool]:
    return or_(false(), *(area.like(f"{prefix}%") for prefix in areas.split()))
