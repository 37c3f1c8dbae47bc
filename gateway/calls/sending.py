"""One recorded call on its way: a place, its turn, its share of the quota, the lane, the wire.

Whatever keeps it back before the first byte ends in `NotSent`, which is no attempt.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import TypeVar

import structlog

from contracts.capabilities import Reply
from contracts.errors import OutcomeUnknown, SystemFailure, Unavailable
from gateway.calls.call import Call, NotSent
from gateway.calls.deadlines import Deadline, after
from gateway.calls.lanes import CLOSED, FAILING, failed, shuts
from gateway.calls.limit import Limit
from gateway.calls.metering import Permission, Quota
from gateway.calls.outcomes import Outcomes
from gateway.calls.pace import Pace
from gateway.calls.places import Places
from gateway.calls.retry import RetryBudget, retried
from gateway.calls.standing import kept_back
from gateway.calls.watch import Watch
from gateway.clock import Clock

T = TypeVar("T")
_log = structlog.get_logger()

QUOTA = "quota"
CROWDED = "crowded"
PACE = "pace"


class Sender:
    """Sends the calls of one process, each as soon as it may and never after its deadline."""

    def __init__(
        self,
        watch: Watch,
        clock: Clock,
        quota: Quota,
        *,
        seconds: Mapping[str, float],
        at_once: Mapping[str, int],
    ) -> None:
        self._watch = watch
        self._clock = clock
        self._quota = quota
        self._seconds = seconds
        self._limits = {system: Limit(most) for system, most in at_once.items()}
        self._places = {system: Places(limit) for system, limit in self._limits.items()}
        self._budgets: defaultdict[str, RetryBudget] = defaultdict(RetryBudget)
        self._outcomes: defaultdict[tuple[str, str], Outcomes] = defaultdict(Outcomes)
        self._paces: defaultdict[tuple[str, str], Pace] = defaultdict(Pace)
        self._words: dict[str, SystemFailure] = {}

    def room(self, system: str) -> int:
        """How many calls of a batch are worth preparing now."""
        return self._places[system].room

    def at_once(self, system: str) -> int:
        """How many calls the system seems to bear at once."""
        return self._limits[system].now

    def tripped(self, system: str, operation: str) -> SystemFailure | None:
        """The failure after which the operation's lane has to rest, while nobody wrote it down."""
        outcomes = self._outcomes.get((system, operation))
        return outcomes.tripped if outcomes else None

    def heard(self, system: str) -> None:
        """Know that the store has the system's word, that it is closed or that we may not ask."""
        self._words.pop(system, None)

    def rested(self, system: str, operation: str) -> None:
        """Know that the store has the operation's lane at rest."""
        self._outcomes[system, operation].forget()

    async def send(self, call: Call[T]) -> Reply[T] | SystemFailure:
        """What the call came to; no exception for a failure of the system."""
        try:
            return await self._from_a_place(call)
        except NotSent as kept:
            if kept.code == FAILING:
                self._rest(call)
            return kept
        except SystemFailure as failure:
            return failure
        except Exception as defect:
            # One answer that trips a defect of ours must not take the calls beside it along.
            fault = type(defect).__name__
            _log.error("call_failed", system=call.system, operation=call.operation, fault=fault)
            return _lost(call, fault)

    def _rest(self, call: Call[T]) -> None:
        """Know of a rest, of which the store may not know yet."""
        self._paces[call.system, call.operation].rest()
        if not self.tripped(call.system, call.operation):
            self.rested(call.system, call.operation)

    async def _from_a_place(self, call: Call[T]) -> Reply[T]:
        if call.kept_back is not None:
            raise call.kept_back
        places, seconds = self._places[call.system], self._seconds[call.system]
        await self._wait_for(places, call, seconds)
        try:
            deadline = call.deadline.within(seconds) if call.deadline else after(seconds)
            if call.writing or call.probes:
                return await self._attempt(call, deadline)
            budget = self._budgets[call.system]
            return await retried(lambda: self._attempt(call, deadline), budget, deadline)
        finally:
            places.leave(interactive=call.interactive)

    async def _wait_for(self, places: Places, call: Call[T], seconds: float) -> None:
        patience = call.deadline.within(seconds) if call.deadline else after(seconds)
        try:
            async with asyncio.timeout_at(patience.at):
                await places.take(interactive=call.interactive)
        except TimeoutError:
            raise NotSent(call.system, call.operation, CROWDED, retry_after=1.0) from None

    async def _attempt(self, call: Call[T], deadline: Deadline) -> Reply[T]:
        await self._let_through(call, deadline)
        started = asyncio.get_running_loop().time()
        result: object = None
        try:
            async with asyncio.timeout_at(deadline.at):
                result = await call.send()
                return result
        except TimeoutError:
            result = _lost(call, "deadline")
            raise result from None
        except SystemFailure as failure:
            result = failure
            raise
        finally:
            self._learn(call, result, started)

    async def _let_through(self, call: Call[T], deadline: Deadline) -> None:
        """Return when the call may leave at once; raise `NotSent` where it may not in time."""
        try:
            async with asyncio.timeout_at(deadline.at):
                await self._keep_pace(call, deadline)
                grant = await self._metered(call, deadline)
                kept = await self._kept_back(call)
        except TimeoutError:
            raise NotSent(call.system, call.operation, CROWDED, retry_after=1.0) from None
        if kept is None and deadline.remaining:
            return
        await self._quota.give_back(grant, grant.calls)
        raise kept or NotSent(call.system, call.operation, CROWDED, retry_after=1.0)

    async def _keep_pace(self, call: Call[T], deadline: Deadline) -> None:
        if call.interactive or call.probes:
            return
        now = asyncio.get_running_loop().time()
        wait = self._paces[call.system, call.operation].turn(now, deadline.remaining)
        if wait is None:
            raise NotSent(call.system, call.operation, PACE, retry_after=1.0)
        if wait:
            await asyncio.sleep(wait)

    async def _metered(self, call: Call[T], deadline: Deadline) -> Permission:
        while not (grant := await self._quota.take(call.system, 1)).calls:
            now = self._clock.now()
            kept = kept_back(call.system, call.operation, QUOTA, grant.wait_until, now)
            if kept.retry_after is None or kept.retry_after >= deadline.remaining:
                raise kept
            await asyncio.sleep(kept.retry_after)
        return grant

    async def _kept_back(self, call: Call[T]) -> NotSent | None:
        """Why the call may not leave after all, by the store or by what we have just been told."""
        if (word := self._words.get(call.system)) is not None:
            return NotSent(call.system, call.operation, CLOSED, retry_after=word.retry_after or 1.0)
        if self.tripped(call.system, call.operation) and not call.probes:
            return NotSent(call.system, call.operation, FAILING, retry_after=1.0)
        standing = await self._watch.standing(call.system)
        return standing.keeps_back(call.operation, self._clock.now(), call.probes)

    def _learn(self, call: Call[T], result: object, started: float) -> None:
        if result is None:  # cancelled, or a defect of ours: nothing is known
            return
        at = asyncio.get_running_loop().time()
        self._outcomes[call.system, call.operation].add(result, self._clock.now())
        if isinstance(result, SystemFailure) and shuts(result):
            self._words[call.system] = result
        self._limits[call.system].learn(
            (call.operation, len(call.subjects).bit_length()),
            at - started,
            failed=failed(result),
            under_way=self._places[call.system].under_way,
            at=at,
        )


def _lost(call: Call[T], code: str) -> SystemFailure:
    kind = OutcomeUnknown if call.writing else Unavailable
    return kind(call.system, call.operation, code)
