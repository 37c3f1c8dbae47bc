"""Chores that come round again: each is one work item that is put off to its next time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import enqueue, lease, postpone

LEASE_SECONDS = 120.0
ONLY = "only"


@dataclass(frozen=True, slots=True)
class Chore:
    """Something one process at a time does again and again, every so many seconds."""

    kind: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    database: Database
    clock: Clock

    async def schedule(self, connection: AsyncConnection) -> None:
        """Have it run soon, where it is not scheduled yet."""
        await enqueue(connection, self.kind, [ONLY], self.clock.now())

    async def step(self) -> int:
        """Run it if it is due; 1 when it ran."""
        async with self.database.transaction() as connection:
            held = await lease(connection, self.kind, 1, self.clock.now(), LEASE_SECONDS)
        if not held:
            return 0
        await self.run()
        async with self.database.transaction() as connection:
            later = self.clock.now() + timedelta(seconds=self.every_seconds)
            await postpone(connection, held, later)
        return 1
