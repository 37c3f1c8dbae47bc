"""An exchange with a system in three steps: asked (committed), sent, answered (committed).

    async with database.transaction() as connection:
        await calls.asked(connection, group)
    answers = await calls.send(group)
    async with database.transaction() as connection:
        await calls.answered(connection, group, answers)
        ...                               # whatever the answers change, in the same transaction

A process that dies between the first and the last leaves the question open; `close_open` records
later that its outcome is unknown.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Reply
from contracts.errors import JisuiError, SystemFailure
from gateway.calls.call import PURPOSE, WORKER, Call
from gateway.calls.entries import abandoned_entry, answered_entry, asked_entry, lane_entry
from gateway.calls.lanes import NOT_ENTITLED, Lane, load_lane, store_lane
from gateway.calls.retry import within
from gateway.calls.tables import open_calls
from gateway.clock import Clock
from gateway.evidence import Action, Actor, Log
from gateway.identifiers import Identifiers

__all__ = ["PURPOSE", "WORKER", "Abandoned", "Call", "Calls"]

T = TypeVar("T")
_log = structlog.get_logger()


class Abandoned(JisuiError):
    """An answer came after its question had been recorded as unknown; ask what became of it."""


class Calls:
    """Sends recorded calls, at most so many at once to each system."""

    def __init__(
        self,
        log: Log,
        clock: Clock,
        identifiers: Identifiers,
        *,
        seconds: Mapping[str, float],
        at_once: Mapping[str, int],
    ) -> None:
        """`seconds` is the deadline of a call, `at_once` the calls in flight, both by system."""
        self._log = log
        self._clock = clock
        self._identifiers = identifiers
        self._seconds = seconds
        self._at_once = at_once
        self._room = {system: asyncio.Semaphore(limit) for system, limit in at_once.items()}

    def trace_id(self) -> str:
        """A fresh id for a call that serves no child in particular."""
        return self._identifiers()

    async def lane(self, connection: AsyncConnection, system: str) -> Lane:
        """The lane to a system as every process sees it."""
        return await load_lane(connection, system, self._clock.now())

    async def asked(self, connection: AsyncConnection, calls: Sequence[Call[T]]) -> list[Call[T]]:
        """Record the questions before a byte of them leaves; returns them with their ids."""
        if not calls:
            return []
        named = [replace(call, call_id=self._identifiers()) for call in calls]
        entry_ids = await self._log.append(connection, [asked_entry(call) for call in named])
        expires = [self._clock.now() + self._patience(call, len(named)) for call in named]
        await connection.execute(
            insert(open_calls),
            [
                _open_row(call, entry_id, expires_at)
                for call, entry_id, expires_at in zip(named, entry_ids, expires, strict=True)
            ],
        )
        return named

    async def send(self, calls: Sequence[Call[T]]) -> list[Reply[T] | SystemFailure]:
        """What each call came to, in order; no exception for a failure of a system."""
        return list(await asyncio.gather(*(self._send(call) for call in calls)))

    async def answered(
        self,
        connection: AsyncConnection,
        calls: Sequence[Call[T]],
        answers: Sequence[Reply[T] | SystemFailure],
    ) -> None:
        """Record what came back, and what it says of the lane, in the caller's transaction.

        Raises `Abandoned` where a question has its outcome already: nobody gets two.
        """
        if not calls:
            return
        ids = [call.call_id for call in calls]
        closed = await connection.execute(delete(open_calls).where(open_calls.c.call_id.in_(ids)))
        if closed.rowcount != len(ids):
            raise Abandoned("a question was given up before its answer was recorded")
        pairs = list(zip(calls, answers, strict=True))
        await self._log.append(connection, [answered_entry(*pair) for pair in pairs])
        for system in {call.system for call in calls}:
            results = [answer for call, answer in pairs if call.system == system]
            await self._keep_lane(connection, system, results)

    async def close_open(self, connection: AsyncConnection) -> int:
        """Record every question that outlived its deadline as unknown; how many there were."""
        # One statement finds and takes them, so that an answer recorded meanwhile is the only one.
        overdue = (
            await connection.execute(
                delete(open_calls)
                .where(open_calls.c.expires_at <= self._clock.now())
                .returning(*open_calls.c)
            )
        ).all()
        await self._log.append(connection, [abandoned_entry(row) for row in overdue])
        return len(overdue)

    async def resume(self, connection: AsyncConnection, system: str, actor: Actor) -> bool:
        """Open a lane that waits for an operator; False where it does not."""
        now = self._clock.now()
        lane = await load_lane(connection, system, now)
        if lane.reason != NOT_ENTITLED:
            return False
        await store_lane(connection, Lane(system, now))
        await self._log.append(connection, [lane_entry(Action.LANE_RESUMED, actor, lane)])
        return True

    async def _send(self, call: Call[T]) -> Reply[T] | SystemFailure:
        async with self._room[call.system]:
            return await within(
                self._seconds[call.system],
                call.send,
                system=call.system,
                operation=call.operation,
                writing=call.writing,
            )

    async def _keep_lane(
        self, connection: AsyncConnection, system: str, results: Sequence[object]
    ) -> None:
        now = self._clock.now()
        before = await load_lane(connection, system, now)
        after = before.after(results, now)
        if after == before:
            return
        await store_lane(connection, after)
        if after.reason == NOT_ENTITLED != before.reason:
            # The one alarm: nothing more is asked of this system before an operator resumes it.
            _log.error("lane_stopped", system=system, code=after.code)
            await self._log.append(connection, [lane_entry(Action.LANE_STOPPED, WORKER, after)])

    def _patience(self, call: Call[T], together: int) -> timedelta:
        # Waiting for a free place in the lane counts too; a minute is far beyond the rest.
        turns = -(-together // self._at_once[call.system])
        return timedelta(seconds=self._seconds[call.system] * turns + 60.0)


def _open_row(call: Call[T], entry_id: str, expires_at: datetime) -> dict[str, object]:
    return {
        "call_id": call.call_id,
        "entry_id": entry_id,
        "system": call.system,
        "operation": call.operation,
        "trace_id": call.trace_id,
        "expires_at": expires_at,
    }
