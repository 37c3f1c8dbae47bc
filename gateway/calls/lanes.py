"""The lanes to a system: one for all of it, one for each operation, and when calls may leave.

A lane rests while its operation fails, or while the system says that it is closed; when the rest is
over exactly one probe leaves, whatever the number of processes, and its outcome opens the lane or
lengthens the rest. The lane of the whole system also stops for good: where our right to ask is in
doubt, or on an operator's word.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.errors import Closed, NotEntitled, OutcomeUnknown, SystemFailure, Unavailable
from gateway.calls.call import NotSent

WHOLE = ""  # in an operation's place: the lane of the whole system

FAILING = "failing"
CLOSED = "closed"
NOT_ENTITLED = "not_entitled"
STOPPED = "stopped"
FOR_AN_OPERATOR = frozenset({NOT_ENTITLED, STOPPED})

FIRST_REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 5.0
CLOSED_REST_SECONDS = 15.0
STEADY = timedelta(seconds=60)  # a lane that fails again sooner goes on with its longer rest


@dataclass(frozen=True, slots=True)
class Lane:
    """Whether calls of one operation may leave now, and why not."""

    system: str
    operation: str
    since_at: datetime
    reason: str = ""
    code: str = ""
    openings: int = 0
    until_at: datetime | None = None
    probe_until: datetime | None = None

    @property
    def stopped(self) -> bool:
        """Whether only an operator opens it again."""
        return self.reason in FOR_AN_OPERATOR

    @property
    def resting(self) -> bool:
        """Whether it is closed for a while, or has rested and wants one probe."""
        return bool(self.reason) and not self.stopped

    @property
    def state(self) -> str:
        """Whether it is `open`, `waiting` for its rest to end, or `stopped`."""
        return "stopped" if self.stopped else "waiting" if self.reason else "open"

    def admits(self, now: datetime) -> bool:
        """Whether a call may leave: freely, or as the one probe."""
        if self.stopped:
            return False
        free_at = self.free_at
        return free_at is None or free_at <= now

    @property
    def free_at(self) -> datetime | None:
        """When a call may leave at the earliest; None where the lane is open or stopped."""
        if not self.resting or self.until_at is None:
            return None
        return max(self.until_at, self.probe_until or self.until_at)

    def rest(self, failure: SystemFailure, now: datetime) -> "Lane":
        """The lane at rest after a failure, longer each time, and at least as long as asked."""
        if self.stopped:
            return self
        fresh = not self.resting and now - self.since_at > STEADY
        openings = 1 if fresh else self.openings + 1
        reason = CLOSED if self.operation == WHOLE else FAILING
        least = CLOSED_REST_SECONDS if reason == CLOSED else _rest_seconds(openings)
        seconds = least if failure.retry_after is None else max(failure.retry_after, 1.0)
        return Lane(
            system=self.system,
            operation=self.operation,
            since_at=self.since_at if self.resting else now,
            reason=reason,
            code=failure.code,
            openings=openings,
            until_at=now + timedelta(seconds=seconds if reason == CLOSED else max(least, seconds)),
        )

    def after_probe(self, result: object, now: datetime) -> "Lane":
        """What the one probe says: open again, a further rest, or nothing at all."""
        if not self.resting:
            return self
        if isinstance(result, NotSent):
            return replace(self, probe_until=None)
        if self.operation == WHOLE:
            return self._after_whole(result, now)
        if isinstance(result, SystemFailure) and failed(result):
            return self.rest(result, now)
        return replace(self.reopened(now), openings=self.openings)

    def stop(self, reason: str, code: str, now: datetime) -> "Lane":
        """The lane stopped until an operator opens it."""
        return Lane(self.system, self.operation, now, reason, code)

    def reopened(self, now: datetime) -> "Lane":
        """The lane open, from now on."""
        return Lane(self.system, self.operation, now)

    def _after_whole(self, result: object, now: datetime) -> "Lane":
        if isinstance(result, Closed):
            return self.rest(result, now)
        if failed(result):  # silence says nothing of its hours; the operation's lane counts it
            return replace(self, probe_until=None)
        return self.reopened(now)


def failed(result: object) -> bool:
    """Whether the system failed to answer: an answer, however unwelcome, is none."""
    return isinstance(result, Unavailable | OutcomeUnknown)


def shuts(result: object) -> bool:
    """Whether the result closes or stops the lane of the whole system."""
    said_closed = isinstance(result, Closed) and not isinstance(result, NotSent)
    return said_closed or isinstance(result, NotEntitled)


def after_word(lane: Lane, result: SystemFailure, now: datetime) -> Lane:
    """The whole system's lane after it said that it is closed, or that we may not ask."""
    if isinstance(result, NotEntitled):
        return lane if lane.stopped else lane.stop(NOT_ENTITLED, result.code, now)
    # Its other answers of the same moment say it once more; only its probe says it anew.
    return lane if lane.reason else lane.rest(result, now)


def _rest_seconds(openings: int) -> float:
    seconds: float = min(FIRST_REST_SECONDS * 2.0 ** (openings - 1), LONGEST_REST_SECONDS)
    return seconds
