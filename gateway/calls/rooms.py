"""How many calls a worker's step may prepare now: waiting for the rest is no attempt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.calls.standing import Standing

SOON = timedelta(seconds=0.1)


@dataclass(frozen=True, slots=True)
class Room:
    """So many calls may leave now; `wait_until` says when to ask again where it is none."""

    calls: int
    wait_until: datetime | None = None


def room(
    standing: Standing,
    operation: str,
    wanted: int,
    *,
    free: int,
    left: Mapping[str, Any],
    seconds: float,
    now: datetime,
) -> Room:
    """The room that lanes, hours, places and the quota leave for an operation's calls.

    `left` is what the quota has by window. A window that comes round within a call's own `seconds`
    smooths, and calls may wait for it; a longer one that is spent closes the room.
    """
    resting = standing.resting(operation)
    probes = [lane.operation for lane in resting if lane.admits(now)]
    kept = standing.keeps_back(operation, now, probes)
    if kept is not None:
        after = kept.retry_after
        return Room(0, None if after is None else now + timedelta(seconds=after))
    counted = [window for window in left.values() if _long(window, now, seconds)]
    spent = [window for window in counted if window.spent >= window.limit]
    if spent:
        return Room(0, max((w.resets_at for w in spent if w.resets_at), default=None))
    if not free:
        return Room(0, now + SOON)
    most = min((window.limit - window.spent for window in counted), default=wanted)
    return Room(min(wanted, free, most, 1 if resting else wanted))


def _long(window: Any, now: datetime, seconds: float) -> bool:
    return window.resets_at is None or window.resets_at > now + timedelta(seconds=seconds)
