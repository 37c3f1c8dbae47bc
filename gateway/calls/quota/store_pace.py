"""The pace as the store keeps it: no more than so many calls in any second, whoever sends them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.quota.ledger import lock_windows
from gateway.calls.quota.limits import Period, Window
from gateway.calls.quota.tables import paced_calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.rows import write_rows

# A tenth more than the second that was agreed: what leaves together does not arrive together.
SECOND = timedelta(seconds=1.1)
AHEAD = timedelta(seconds=0.25)
SHARE = 8  # of the room that is left, one part in so many is taken ahead
_ID_LENGTH = 32
_GRANT = paced_calls.insert()
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LOCK = Window(Period.SECOND, _LONG_AGO, None, 0)


@dataclass(frozen=True, slots=True)
class Allowed:
    """So many calls may leave at once; where that is fewer than asked, when to ask again."""

    calls: int
    wait_until: datetime | None = None


@dataclass(slots=True)
class _Block:
    """Calls written down ahead of time, which may leave between these instants."""

    calls: int = 0
    begins_at: datetime = _LONG_AGO
    ends_at: datetime = _LONG_AGO

    def left(self, now: datetime) -> int:
        """How many calls may leave now."""
        return self.calls if self.begins_at <= now <= self.ends_at else 0


class StorePace:
    """Writes down when calls were granted, and grants none that would be too many in a second.

    Where there is much room, some calls more are written down as if they left at the last instant
    at which they may, so that the next ones need not go to the store: too many never leave, and
    those that do not leave are lost for little more than a second.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._blocks: defaultdict[str, _Block] = defaultdict(_Block)

    async def take(self, system: str, a_second: int, calls: int, grant_id: str) -> Allowed:
        """As many of the calls as the last second leaves room for."""
        block = self._blocks[system]
        if block.left(self._clock.now()) >= calls:
            block.calls -= calls
            return Allowed(calls)
        async with self._database.transaction() as connection:
            await lock_windows(connection, system, [_LOCK])
            # Only now: waiting for the lock took time, and the order of grants is that of the lock.
            now = self._clock.now()
            room, oldest_at = await _room(connection, system, a_second, now)
            held = min(calls, block.left(now))
            taken = min(calls - held, room)
            ahead = (room - taken) // SHARE
            rows = [(grant_id, now, taken), (_ahead_of(grant_id), now + AHEAD, ahead)]
            await write_rows(connection, _GRANT, [_row(system, *row) for row in rows if row[2]])
        self._blocks[system] = _Block(ahead, now, now + AHEAD)
        allowed = held + taken
        return Allowed(allowed, (oldest_at or now) + SECOND if allowed < calls else None)

    async def give_back(self, system: str, grant_id: str, unused: int) -> None:
        """Let others have what a grant did not use."""
        mine = and_(paced_calls.c.system == system, paced_calls.c.grant_id == grant_id)
        # What was taken ahead stays counted until its own time is over.
        fewer = paced_calls.c.calls - unused
        kept = case((fewer > 0, fewer), else_=0)
        async with self._database.transaction() as connection:
            await connection.execute(update(paced_calls).where(mine).values(calls=kept))


def _ahead_of(grant_id: str) -> str:
    return f"+{grant_id}"[:_ID_LENGTH]


def _row(system: str, grant_id: str, granted_at: datetime, calls: int) -> dict[str, object]:
    return {"system": system, "grant_id": grant_id, "granted_at": granted_at, "calls": calls}


async def _room(
    connection: AsyncConnection, system: str, a_second: int, now: datetime
) -> tuple[int, datetime | None]:
    """How many calls more the second up to now holds, and when the oldest it has was granted."""
    mine = paced_calls.c.system == system
    gone = and_(mine, paced_calls.c.granted_at <= now - SECOND)
    await connection.execute(delete(paced_calls).where(gone))
    newest = select(
        func.coalesce(func.sum(paced_calls.c.calls), 0), func.min(paced_calls.c.granted_at)
    )
    spent, oldest_at = (await connection.execute(newest.where(mine))).one()
    return max(0, a_second - spent), oldest_at
