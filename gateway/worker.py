"""The worker: does what is due, lane by lane, until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import next_dues
from gateway.shared.wakeups import WORK, OwnWakeups, Wakeups

Step = Callable[[], Awaitable[int]]
Waits = Callable[[AsyncConnection], Awaitable[bool]]

POLL_SECONDS = 0.25
WOKEN_POLL_SECONDS = 1.0  # where a word of new work reaches us, but may be lost
REST_AFTER_A_FAULT_SECONDS = 2.0
GRACE_SECONDS = 20.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of work: how it is done, which items say that it is due, how often at a time.

    Where the work lies in rows of its own instead of items, `waits` says whether there is any.
    """

    kinds: tuple[str, ...]
    step: Step
    at_once: int = 1  # steps that wait for other systems are worth taking side by side
    waits: Waits | None = None


class Worker:
    """Walks the lanes; several processes may work on one PostgreSQL store at the same time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        lanes: Mapping[str, Lane],
        wakeups: Wakeups | None = None,
    ) -> None:
        """Without `wakeups` work is found by looking for it alone."""
        self._database = database
        self._clock = clock
        self._lanes = lanes
        self._due = {name: asyncio.Event() for name in lanes}
        self._wakeups = wakeups or OwnWakeups()
        self._stirred = asyncio.Event()

    async def step(self) -> datetime | None:
        """Do all work that is due by the clock; when the next will be due, or None."""
        while True:
            dues = await self._dues()
            if not sum([await self._lanes[name].step() for name in self._due_lanes(dues)]):
                break
        return min((await self._dues()).values(), default=None)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then what is under way is finished, or left to its leases."""
        tasks = [
            asyncio.create_task(self._walk(name, lane, stop), name=name)
            for name, lane in self._lanes.items()
            for _ in range(lane.at_once)
        ]
        tasks.append(asyncio.create_task(self._watch(stop), name="watch"))
        await stop.wait()
        self._stir()
        for due in self._due.values():
            due.set()
        _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _walk(self, name: str, lane: Lane, stop: asyncio.Event) -> None:
        """Step while there is work, then rest until the watch sees more."""
        while not stop.is_set():
            self._due[name].clear()
            try:
                worked = await lane.step()
            except Exception as fault:
                # Whatever it was, the transaction was rolled back and its leases run out, so that
                # somebody takes over; a lane must not end in silence while the others go on.
                _log.error("step_failed", lane=name, fault=type(fault).__name__)
                await asyncio.sleep(REST_AFTER_A_FAULT_SECONDS)
                continue
            if worked:
                self._stir()
            else:
                await self._due[name].wait()

    async def _watch(self, stop: asyncio.Event) -> None:
        """Wake the lanes that have work: one look at the store serves them all."""
        with self._wakeups.listening(WORK) as self._stirred:
            while not stop.is_set():
                self._stirred.clear()
                dues: Mapping[str, datetime] = {}
                try:
                    dues = await self._dues()
                    for name in self._due_lanes(dues):
                        self._due[name].set()
                except Exception as fault:
                    _log.error("watch_failed", fault=type(fault).__name__)
                await self._rest(dues)

    def _stir(self) -> None:
        """Have the store looked at: work done in one lane may be work due in another."""
        self._stirred.set()

    async def _rest(self, dues: Mapping[str, datetime]) -> None:
        """Wait for a word of new work, at most until some is due."""
        now = self._clock.now()
        longest = WOKEN_POLL_SECONDS if self._wakeups.reach_all else POLL_SECONDS
        coming = [(due_at - now).total_seconds() for due_at in dues.values() if due_at > now]
        try:
            async with asyncio.timeout(min([longest, *coming])):
                await self._stirred.wait()
        except TimeoutError:
            return

    def _due_lanes(self, dues: Mapping[str, datetime]) -> list[str]:
        now = self._clock.now()
        due = {kind for kind, due_at in dues.items() if due_at <= now}
        return [name for name, lane in self._lanes.items() if due.intersection(lane.kinds)]

    async def _dues(self) -> Mapping[str, datetime]:
        every = [kind for lane in self._lanes.values() for kind in lane.kinds]
        async with self._database.reading() as connection:
            dues = dict(await next_dues(connection, every))
            for lane in self._lanes.values():
                if lane.waits is not None and await lane.waits(connection):
                    dues |= dict.fromkeys(lane.kinds, self._clock.now())
        return dues
