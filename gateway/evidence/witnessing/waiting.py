"""Waits until what was committed is under a checkpoint the witness signed, many in one round.

Whoever comes while a round is under way waits for the next one: that one numbers what was committed
before it began, so that it covers everybody who waits for it. A round may be another process's, so
it is tried again until it is ours; the last word is the deadline's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from contracts.errors import JisuiError
from gateway.clock import Clock
from gateway.evidence.checkpoint_store import Kept
from gateway.evidence.witnessing.failures import Unwitnessed

DEADLINE_SECONDS = 5.0
_ANOTHER_LEADS_SECONDS = 0.003
_FRESH = timedelta(seconds=1)  # for so long a witness that answered counts as there

_log = structlog.get_logger("jisui.evidence")

Lead = Callable[[], Awaitable[Kept | None]]
Alive = Callable[[], Awaitable[bool]]


class Witnessing:
    """One process's waiting for the witness."""

    def __init__(self, lead: Lead, alive: Alive, clock: Clock) -> None:
        """`lead` leads one round; `alive` asks the witness whether it is there."""
        self._lead = lead
        self._alive = alive
        self._clock = clock
        self._waiting: list[asyncio.Future[None]] = []
        self._rounds: asyncio.Task[None] | None = None
        self._answered_at: datetime | None = None

    async def require(self) -> None:
        """Return where the witness is there; raise `Unwitnessed` before anything is done."""
        fresh = self._answered_at is not None and self._clock.now() - self._answered_at < _FRESH
        if fresh:
            return
        if not await self._alive():
            raise Unwitnessed(done=False)
        self._answered_at = self._clock.now()

    async def covered(self) -> None:
        """Return once all that was committed before is witnessed; raise `Unwitnessed`."""
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        if self._rounds is None:
            self._rounds = asyncio.create_task(self._lead_on(), name="witnessing")
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await mine
        except TimeoutError:
            raise Unwitnessed(done=True) from None

    async def close(self) -> None:
        """Let nobody wait any longer."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.gather(self._rounds, return_exceptions=True)

    async def _lead_on(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                _tell(group, witnessed=await self._witnessed())
        finally:
            self._rounds = None
            _tell(self._waiting, witnessed=False)

    async def _witnessed(self) -> bool:
        """Whether a round of ours was signed by the witness."""
        end = asyncio.get_running_loop().time() + DEADLINE_SECONDS
        try:
            while (kept := await self._lead()) is None:
                if asyncio.get_running_loop().time() > end:
                    return False
                await asyncio.sleep(_ANOTHER_LEADS_SECONDS)
        except JisuiError as failure:
            _log.error("not_witnessed", fault=type(failure).__name__)
            return False
        self._answered_at = kept.witnessed_at
        return kept.witnessed_at is not None


def _tell(group: list[asyncio.Future[None]], *, witnessed: bool) -> None:
    for waiting in group:
        if waiting.done():  # nobody waits there any more
            continue
        if witnessed:
            waiting.set_result(None)
        else:
            waiting.set_exception(Unwitnessed(done=True))
