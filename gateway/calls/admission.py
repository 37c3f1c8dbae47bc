"""Which recorded calls may leave, and what their answers write down of the lanes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import NotEntitled, SystemFailure
from gateway.calls.call import WORKER, Call
from gateway.calls.entries import lane_entry
from gateway.calls.hours import Hours
from gateway.calls.lanes import NOT_ENTITLED, STOPPED, WHOLE, Lane, after_word, shuts
from gateway.calls.sending import Sender
from gateway.calls.standing import Standing, load_lane, load_standings, store_lane, take_probe
from gateway.calls.watch import Watch
from gateway.clock import Clock
from gateway.evidence import Action, Actor, Log
from gateway.identifiers import Identifiers

T = TypeVar("T")
_log = structlog.get_logger()


class Admission:
    """The lanes in the store, as this process reads and changes them."""

    def __init__(
        self,
        log: Log,
        clock: Clock,
        identifiers: Identifiers,
        watch: Watch,
        sender: Sender,
        hours: Mapping[str, Hours],
    ) -> None:
        self._log = log
        self._clock = clock
        self._identifiers = identifiers
        self._watch = watch
        self._sender = sender
        self._hours = hours

    async def standings(
        self, connection: AsyncConnection, systems: Sequence[str]
    ) -> dict[str, Standing]:
        """How the lanes to these systems stand for every process."""
        return await load_standings(connection, self._hours, systems)

    async def admit(
        self, connection: AsyncConnection, calls: Sequence[Call[T]], patience: timedelta
    ) -> list[Call[T]]:
        """The calls, each with an id or with the reason that keeps it back.

        `patience` is how long a probe may take before another one leaves in its place.
        """
        standings = await self._admitting(connection, calls)
        admitted = []
        for call in calls:
            standing = standings[call.system]
            probes: tuple[str, ...] = ()
            if standing.resting(call.operation):
                until = self._clock.now() + patience
                probes, standing = await self._probe(connection, call, standing, until)
                standings[call.system] = standing
            kept = standing.keeps_back(call.operation, self._clock.now(), probes)
            call_id = "" if kept else self._identifiers()
            admitted.append(replace(call, call_id=call_id, probes=probes, kept_back=kept))
        return admitted

    async def learn(self, connection: AsyncConnection, call: Call[T], answer: object) -> None:
        """Write down what an answer says of the lanes its call was sent on."""
        now = self._clock.now()
        for operation in call.probes:
            lane = await load_lane(connection, call.system, operation, now)
            await self._store(connection, lane.after_probe(answer, now))
        if isinstance(answer, SystemFailure) and shuts(answer):
            if isinstance(answer, NotEntitled) or WHOLE not in call.probes:
                await self._believe(connection, call.system, answer, now)
            self._sender.heard(call.system)

    async def rest_where_tripped(
        self, connection: AsyncConnection, calls: Iterable[Call[T]]
    ) -> None:
        """Write down which operations of these calls have failed this process too often."""
        now = self._clock.now()
        for system, operation in dict.fromkeys((call.system, call.operation) for call in calls):
            failure = self._sender.tripped(system, operation)
            if failure is None:
                continue
            lane = await load_lane(connection, system, operation, now)
            if not lane.resting:
                await self._store(connection, lane.rest(failure, now))
            self._sender.rested(system, operation)

    async def stop(
        self, connection: AsyncConnection, system: str, actor: Actor, reason: str
    ) -> bool:
        """Stop a lane on an operator's word; False where it is stopped by one already."""
        lane = await load_lane(connection, system, WHOLE, self._clock.now())
        if lane.reason == STOPPED:
            return False
        stopped = lane.stop(STOPPED, reason, self._clock.now())
        await self._store(connection, stopped, by_operator=True)
        await self._log.append(connection, [lane_entry(Action.LANE_STOPPED, actor, stopped)])
        return True

    async def resume(self, connection: AsyncConnection, system: str, actor: Actor) -> bool:
        """Open a lane that waits for an operator; False where it does not."""
        lane = await load_lane(connection, system, WHOLE, self._clock.now())
        if not lane.stopped:
            return False
        await self._store(connection, lane.reopened(self._clock.now()), by_operator=True)
        await self._log.append(connection, [lane_entry(Action.LANE_RESUMED, actor, lane)])
        return True

    async def _admitting(
        self, connection: AsyncConnection, calls: Sequence[Call[T]]
    ) -> dict[str, Standing]:
        """The lanes of these calls, as the store has them, or had them where somebody waits.

        An open lane needs no probe, and whether it still is one is looked at before a call leaves.
        """
        systems = sorted({call.system for call in calls})
        standings = {}
        if all(call.interactive for call in calls):
            lately = {system: self._watch.lately_open(system) for system in systems}
            standings = {system: known for system, known in lately.items() if known is not None}
        if asked := [system for system in systems if system not in standings]:
            read = await self.standings(connection, asked)
            for standing in read.values():
                self._watch.note(standing)
            standings |= read
        return standings

    async def _probe(
        self, connection: AsyncConnection, call: Call[T], standing: Standing, until: datetime
    ) -> tuple[tuple[str, ...], Standing]:
        """The lanes this call is the one probe of; and the standing for the calls after it."""
        now, resting = self._clock.now(), standing.resting(call.operation)
        if not all(lane.admits(now) for lane in resting):
            return (), standing
        taken = [
            lane.operation for lane in resting if await take_probe(connection, lane, now, until)
        ]
        probing = {lane.operation: replace(lane, probe_until=until) for lane in resting}
        return tuple(taken), replace(standing, lanes={**standing.lanes, **probing})

    async def _believe(
        self, connection: AsyncConnection, system: str, word: SystemFailure, now: datetime
    ) -> None:
        """Take a system at its word: it is closed, or we may not ask."""
        before = await load_lane(connection, system, WHOLE, now)
        after = after_word(before, word, now)
        if after == before:
            return
        await self._store(connection, after)
        if after.reason == NOT_ENTITLED:
            # The one alarm: nothing more is asked of this system before an operator resumes it.
            _log.error("lane_stopped", system=system, code=after.code)
            await self._log.append(connection, [lane_entry(Action.LANE_STOPPED, WORKER, after)])

    async def _store(
        self, connection: AsyncConnection, lane: Lane, *, by_operator: bool = False
    ) -> None:
        await store_lane(connection, lane, by_operator=by_operator)
        self._watch.note_lane(lane)
