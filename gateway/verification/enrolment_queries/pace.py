"""How fast a unit may ask: so many queries a minute, told in every answer (RateLimit fields)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.verification.enrolment_queries.tables import enrolment_queries

POLICY = "queries"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a unit stands: its limit, what is left of it, and in how many seconds more is."""

    limit: int
    left: int
    seconds: int

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's fields."""
        return {
            "RateLimit-Policy": f'"{POLICY}";q={self.limit};w={_MINUTE.seconds}',
            "RateLimit": f'"{POLICY}";r={self.left};t={self.seconds}',
        }


async def pace_of(connection: AsyncConnection, unit: str, limit: int, now: datetime) -> Pace:
    """Where the unit stands, the queries of its last minute counted, over all processes."""
    columns = enrolment_queries.c
    query = select(func.count(), func.min(columns.asked_at)).where(
        columns.unit == unit, columns.asked_at > now - _MINUTE
    )
    asked, oldest = (await connection.execute(query)).one()
    wait = (oldest + _MINUTE - now) if oldest is not None else _MINUTE
    return Pace(limit, max(0, limit - asked), max(1, ceil(wait.total_seconds())))
