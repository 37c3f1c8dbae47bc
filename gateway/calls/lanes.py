"""The lane to each system: closed by failures in a row or by a doubt about our entitlement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import Closed, NotEntitled, OutcomeUnknown, SystemFailure, Unavailable
from gateway.calls.tables import lanes
from gateway.database import insert_into

NOT_ENTITLED = "not_entitled"
FAILURES_TO_CLOSE = 5
REST_SECONDS = 15.0
_COUNTED = (Unavailable, OutcomeUnknown)  # answers, even unwelcome ones, never close a lane


@dataclass(frozen=True, slots=True)
class Lane:
    """Whether calls to one system may leave now, and why not."""

    system: str
    since_at: datetime
    failures: int = 0
    reason: str = ""
    code: str = ""
    until_at: datetime | None = None

    @property
    def closed(self) -> bool:
        """Whether the lane is closed, be it for a rest or until an operator acts."""
        return bool(self.reason)

    def lets_through(self, now: datetime) -> bool:
        """Whether a call may leave: the lane is open, or has rested and wants one probe."""
        return not self.closed or (self.until_at is not None and self.until_at <= now)

    def after(self, results: Sequence[object], now: datetime) -> "Lane":
        """The lane after a group of calls: an answer opens it, failures in a row close it.

        Where our right to ask is in doubt only an operator opens it again.
        """
        lane = self
        for result in results:
            lane = lane._after_one(result, now)
        return lane

    def _after_one(self, result: object, now: datetime) -> "Lane":
        if isinstance(result, NotEntitled):
            return self._close(NOT_ENTITLED, result.code, now, None)
        if self.reason == NOT_ENTITLED:
            return self
        if isinstance(result, Closed):
            until = now + timedelta(seconds=result.retry_after or REST_SECONDS)
            return self._close("closed", result.code, now, until)
        if isinstance(result, SystemFailure) and not isinstance(result, _COUNTED):
            return self
        if not isinstance(result, SystemFailure):
            return replace(self, failures=0, reason="", code="", until_at=None)
        failures = self.failures + 1
        if failures < FAILURES_TO_CLOSE:
            return replace(self, failures=failures)
        rest = now + timedelta(seconds=REST_SECONDS)
        return self._close("failing", result.code, now, rest, failures)

    def _close(
        self, reason: str, code: str, now: datetime, until: datetime | None, failures: int = 0
    ) -> "Lane":
        since = self.since_at if self.reason == reason else now
        return Lane(self.system, since, failures, reason, code, until)


async def load_lane(connection: AsyncConnection, system: str, now: datetime) -> Lane:
    """The lane to a system; one nobody has used yet is open."""
    query = select(lanes).where(lanes.c.system == system)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return Lane(system, now)
    reason = "" if row.state == "open" else row.reason
    return Lane(system, row.since_at, row.failures, reason, row.code, row.until_at)


async def store_lane(connection: AsyncConnection, lane: Lane) -> None:
    """Write the lane back, for every process to see."""
    values = {
        "state": "closed" if lane.closed else "open",
        "reason": lane.reason,
        "code": lane.code,
        "failures": lane.failures,
        "since_at": lane.since_at,
        "until_at": lane.until_at,
    }
    statement = insert_into(connection, lanes).values(system=lane.system, **values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["system"], set_=values)
    )
