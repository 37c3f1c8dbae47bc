"""The pace as the store keeps it: no more than so many calls in any second, whoever sends them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, func, insert, select, update

from gateway.calls.quota.ledger import lock_windows
from gateway.calls.quota.limits import Period, Window
from gateway.calls.quota.tables import paced_calls
from gateway.clock import Clock
from gateway.database import Database

# A tenth more than the second that was agreed: what leaves together does not arrive together.
SECOND = timedelta(seconds=1.1)
_LOCK = Window(Period.SECOND, datetime(1970, 1, 1, tzinfo=UTC), None, 0)


@dataclass(frozen=True, slots=True)
class Allowed:
    """So many calls may leave at once; where that is fewer than asked, when to ask again."""

    calls: int
    wait_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StorePace:
    """Writes down when calls were granted, and grants none that would be too many in a second."""

    database: Database
    clock: Clock

    async def take(self, system: str, a_second: int, calls: int, grant_id: str) -> Allowed:
        """As many of the calls as the last second leaves room for."""
        async with self.database.transaction() as connection:
            await lock_windows(connection, system, [_LOCK])
            # Only now: waiting for the lock took time, and the order of grants is that of the lock.
            now = self.clock.now()
            mine = paced_calls.c.system == system
            gone = and_(mine, paced_calls.c.granted_at <= now - SECOND)
            await connection.execute(delete(paced_calls).where(gone))
            newest = select(
                func.coalesce(func.sum(paced_calls.c.calls), 0), func.min(paced_calls.c.granted_at)
            )
            spent, oldest_at = (await connection.execute(newest.where(mine))).one()
            taken = max(0, min(calls, a_second - spent))
            if taken:
                row = {"system": system, "grant_id": grant_id, "granted_at": now, "calls": taken}
                await connection.execute(insert(paced_calls).values(row))
            return Allowed(taken, (oldest_at or now) + SECOND if taken < calls else None)

    async def give_back(self, system: str, grant_id: str, unused: int) -> None:
        """Let others have what a grant did not use."""
        mine = and_(paced_calls.c.system == system, paced_calls.c.grant_id == grant_id)
        kept = paced_calls.c.calls - unused
        async with self.database.transaction() as connection:
            await connection.execute(update(paced_calls).where(mine).values(calls=kept))
