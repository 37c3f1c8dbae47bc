"""The worker: does what is due, lane by lane, until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.errors import JisuiError
from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import next_due

Step = Callable[[], Awaitable[int]]

POLL_SECONDS = 0.25
REST_AFTER_A_FAULT_SECONDS = 2.0
GRACE_SECONDS = 20.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of work: how it is done, and which items say that it is due."""

    kinds: tuple[str, ...]
    step: Step


class Worker:
    """Walks the lanes; several processes may work on one PostgreSQL store at the same time."""

    def __init__(self, database: Database, clock: Clock, lanes: Mapping[str, Lane]) -> None:
        self._database = database
        self._clock = clock
        self._lanes = lanes
        self._stirred = asyncio.Event()

    async def step(self) -> datetime | None:
        """Do all work that is due by the clock; when the next will be due, or None."""
        while sum([await lane.step() for lane in self._lanes.values() if await self._due(lane)]):
            pass
        every = [kind for lane in self._lanes.values() for kind in lane.kinds]
        return await self._next_due(every)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then what is under way is finished, or left to its leases."""
        tasks = [
            asyncio.create_task(self._walk(name, lane, stop), name=name)
            for name, lane in self._lanes.items()
        ]
        await stop.wait()
        self._stir()
        _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _walk(self, name: str, lane: Lane, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                worked = await lane.step() if await self._due(lane) else 0
            except (JisuiError, SQLAlchemyError, OSError) as fault:
                # Its transaction was rolled back and its leases run out: somebody takes over.
                _log.warning("step_failed", lane=name, fault=type(fault).__name__)
                await asyncio.sleep(REST_AFTER_A_FAULT_SECONDS)
                continue
            if worked:
                self._stir()
            else:
                await self._rest()

    def _stir(self) -> None:
        """Wake the lanes that rest: work done in one may be work due in another."""
        stirred, self._stirred = self._stirred, asyncio.Event()
        stirred.set()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._stirred.wait()
        except TimeoutError:
            return

    async def _due(self, lane: Lane) -> bool:
        due = await self._next_due(lane.kinds)
        return due is not None and due <= self._clock.now()

    async def _next_due(self, kinds: Sequence[str]) -> datetime | None:
        async with self._database.reading() as connection:
            return await next_due(connection, kinds)
