"""The quota: calls may leave once they are counted, and are never counted anew by a restart.

Calls by hour, day and contract are reserved in the store in blocks, and a block is spent in memory:
what a process held when it died is lost, what it holds when it ends is given back. The pace by the
second stands above that, kept in Redis or in the store. So nothing depends on Redis but speed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.quota import ledger
from gateway.calls.quota.limits import EDGE, Limits, Period, Window
from gateway.calls.quota.store_pace import SECOND, Allowed
from gateway.clock import Clock
from gateway.database import Database

LOOK_AGAIN = timedelta(hours=1)  # where no date is known at which there will be more


class Pace(Protocol):
    """Holds all processes together to so many calls in any second."""

    async def take(self, system: str, a_second: int, calls: int, grant_id: str) -> Allowed:
        """As many of the calls as the last second leaves room for."""

    async def give_back(self, system: str, grant_id: str, unused: int) -> None:
        """Let others have what a grant did not use."""


@dataclass(frozen=True, slots=True)
class Grant:
    """So many calls may leave, soon; where fewer were granted than asked, when more may be had."""

    calls: int
    wait_until: datetime | None = None
    system: str = ""
    grant_id: str = ""
    windows: frozenset[Window] = frozenset()


@dataclass(frozen=True, slots=True)
class Left:
    """A window as this process sees it: what it still holds in reserve is not spent."""

    limit: int
    spent: int
    resets_at: datetime | None  # None: never


@dataclass(slots=True)
class _Block:
    """Calls reserved in these windows and not spent yet."""

    windows: frozenset[Window] = frozenset()
    unspent: int = 0


class Quota:
    """Grants calls to each system within what was agreed with it, across all processes."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        new_id: Callable[[], str],
        limits: Mapping[str, Limits],
        pace: Pace,
    ) -> None:
        """Systems that `limits` does not name are asked without limit."""
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._limits = limits
        self._pace = pace
        self._blocks: dict[str, _Block] = defaultdict(_Block)
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, system: str, calls: int) -> Grant:
        """Up to so many calls; reserves in a transaction of its own where it must.

        A grant is for calls that leave within five seconds.
        """
        limits = self._limits.get(system)
        if calls <= 0 or limits is None or not limits.agreed:
            return Grant(max(0, calls))
        # One after the other: a system that has to wait for Redis or the store waits once for all.
        async with self._turns[system]:
            return await self._take(system, limits, calls)

    async def give_back(self, grant: Grant, unused: int) -> None:
        """Have others, or a later call of ours, use what a grant did not; once for each grant."""
        unused = min(unused, grant.calls)
        if unused <= 0 or not grant.system:
            return
        if self._limits[grant.system].a_second is not None:
            await self._pace.give_back(grant.system, grant.grant_id, unused)
        async with self._turns[grant.system]:
            block = self._blocks[grant.system]
            if block.windows == grant.windows:
                block.unspent += unused
            elif grant.windows:
                await self._return(grant.system, _Block(grant.windows, unused))

    async def left(self, connection: AsyncConnection, system: str) -> Mapping[str, Left]:
        """What is spent of each window now, by period; nothing where nothing was agreed."""
        limits = self._limits.get(system, Limits())
        now = self._clock.now()
        windows = list(limits.windows_at(now))
        counted = await ledger.load_counts(connection, system, windows) if windows else {}
        block = self._blocks[system]
        left = {
            str(window.period): Left(
                window.limit,
                counted[window] - (block.unspent if window in block.windows else 0),
                window.ends_at,
            )
            for window in windows
        }
        if limits.a_second is not None:
            left[str(Period.SECOND)] = Left(limits.a_second, 0, now + SECOND)
        return left

    async def close(self) -> None:
        """Give back what was reserved and not spent."""
        for system, block in list(self._blocks.items()):
            async with self._turns[system]:
                await self._return(system, block)

    async def _take(self, system: str, limits: Limits, calls: int) -> Grant:
        now = self._clock.now()
        begins_at = limits.without_contract_until(now)
        if begins_at is not None:
            return Grant(0, min(begins_at, now + LOOK_AGAIN))
        windows = limits.windows(now)
        reserved = await self._reserved(system, windows, calls) if windows else calls
        if not reserved:
            return Grant(0, await self._next_window(system, windows))
        grant_id = self._new_id()
        allowed = Allowed(reserved)
        if limits.a_second is not None:
            allowed = await self._pace.take(system, limits.a_second, reserved, grant_id)
        if windows:
            self._blocks[system].unspent -= allowed.calls
        wait_until = allowed.wait_until
        if allowed.calls == reserved < calls:
            wait_until = await self._next_window(system, windows)
        return Grant(allowed.calls, wait_until, system, grant_id, windows)

    async def _reserved(self, system: str, windows: frozenset[Window], calls: int) -> int:
        """How many of the calls the block covers, after the store was asked for what it lacked."""
        block = self._blocks[system]
        if block.windows != windows:
            await self._return(system, block)
            block.windows = windows
        if block.unspent < calls:
            wanted = calls - block.unspent
            async with self._database.transaction() as connection:
                more = await ledger.reserve(connection, system, windows, wanted)
            block.unspent += more
        return min(calls, block.unspent)

    async def _return(self, system: str, block: _Block) -> None:
        if not block.unspent:
            return
        # Forgotten first: where the store fails meanwhile, the calls are lost and not had twice.
        unspent, block.unspent = block.unspent, 0
        async with self._database.transaction() as connection:
            await ledger.give_back(connection, system, block.windows, unspent)

    async def _next_window(self, system: str, windows: frozenset[Window]) -> datetime:
        """When every window that is used up now has ended."""
        async with self._database.reading() as connection:
            counted = await ledger.load_counts(connection, system, windows)
        full = [window for window in windows if counted[window] >= window.limit]
        soon = self._clock.now() + LOOK_AGAIN
        ends = [
            window.ends_at + EDGE
            for window in full
            if window.ends_at and window.period != Period.CONTRACT
        ]
        contract = any(window.period == Period.CONTRACT for window in full)
        return soon if contract or not ends else max(ends)
