"""A lane for each subscriber: one process at a time works on it, and none waits for another.

So many lanes are worked on at once; each takes a place of its own, so that a subscriber that never
answers keeps nothing but its own place, for as long as one attempt may last.
"""

import asyncio
from collections import deque

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.pushing.settling import LEASE_SECONDS
from gateway.feed.pushing.turns import Turns
from gateway.feed.pushing.waking import PUSH
from gateway.leases import Lease, anything_due, lease

AT_ONCE = 64


class Lanes:
    """One process's part in delivering."""

    def __init__(self, database: Database, clock: Clock, turns: Turns) -> None:
        self._database = database
        self._clock = clock
        self._turns = turns
        self._taken: deque[Lease] = deque()
        self._looking = asyncio.Lock()
        self._looks = 0
        self._busy = 0

    async def step(self) -> int:
        """One lane's turn; 0 where none is due."""
        held = await self._next()
        if held is None:
            return 0
        self._busy += 1
        try:
            await self._turns.take(held)
        finally:
            self._busy -= 1
        return 1

    async def close(self) -> None:
        """Wait for what is being kept."""
        await self._turns.close()

    async def _next(self) -> Lease | None:
        """A lane that is due. One look at the store serves all that wait for it."""
        seen = self._looks
        async with self._looking:
            if not self._taken and self._looks == seen:
                self._looks += 1
                self._taken.extend(await self._lease())
            return self._taken.popleft() if self._taken else None

    async def _lease(self) -> list[Lease]:
        async with self._database.reading() as connection:  # writers need not wait for a look
            if not await anything_due(connection, PUSH, self._clock.now()):
                return []
        places = AT_ONCE - self._busy
        async with self._database.transaction() as connection:
            now = self._clock.now()
            return await lease(connection, PUSH, places, now, LEASE_SECONDS)
