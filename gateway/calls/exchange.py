"""An exchange with a system in three steps: asked (committed), sent, answered (committed).

    async with database.transaction() as connection:
        await calls.asked(connection, group)
    answers = await calls.send(group)
    async with database.transaction() as connection:
        await calls.answered(connection, group, answers)
        ...                               # whatever the answers change, in the same transaction

A process that dies between the first and the last leaves the question open; `close_open` records
later that its outcome is unknown. A call that a lane keeps back is neither recorded nor sent: it
comes to `NotSent`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Reply
from contracts.errors import JisuiError, SystemFailure
from gateway.among import among, parameter
from gateway.calls.admission import Admission
from gateway.calls.call import PURPOSE, WORKER, Call, NotSent
from gateway.calls.entries import abandoned_entry, answered_entry, asked_entry
from gateway.calls.hours import Hours
from gateway.calls.metering import Quota, Unmetered
from gateway.calls.rooms import Room, room
from gateway.calls.sending import Sender
from gateway.calls.standing import Standing
from gateway.calls.tables import open_calls
from gateway.calls.watch import Watch
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Actor, Entry, Log
from gateway.identifiers import Identifiers
from gateway.rows import write_rows

__all__ = ["PURPOSE", "WORKER", "Abandoned", "Call", "Calls", "NotSent"]

T = TypeVar("T")

_OPEN = insert(open_calls)
_CLOSE = delete(open_calls).where(among(open_calls.c.call_id, parameter("call_ids")))


class Abandoned(JisuiError):
    """An answer came after its question had been recorded as unknown; ask what became of it."""


class Calls:
    """Sends recorded calls, as many at once as each system bears and its lanes let through."""

    def __init__(
        self,
        log: Log,
        clock: Clock,
        identifiers: Identifiers,
        database: Database,
        *,
        seconds: Mapping[str, float],
        at_once: Mapping[str, int],
        hours: Mapping[str, Hours] | None = None,
        quota: Quota | None = None,
    ) -> None:
        """By system: a call's deadline in seconds, the most calls in flight, opening hours."""
        self._log = log
        self._clock = clock
        self._identifiers = identifiers
        self._seconds = seconds
        self._quota = quota or Unmetered()
        watch = Watch(database, hours or {})
        self._sender = Sender(watch, clock, self._quota, seconds=seconds, at_once=at_once)
        self._admission = Admission(log, clock, identifiers, watch, self._sender, hours or {})

    def trace_id(self) -> str:
        """A fresh id for a call that serves no child in particular."""
        return self._identifiers()

    async def standings(
        self, connection: AsyncConnection, systems: Sequence[str] = ()
    ) -> dict[str, Standing]:
        """How the lanes to these systems, or to all, stand for every process."""
        return await self._admission.standings(connection, systems or sorted(self._seconds))

    async def lane(self, connection: AsyncConnection, system: str) -> Standing:
        """How the lanes to one system stand for every process."""
        return (await self.standings(connection, [system]))[system]

    async def room(
        self, connection: AsyncConnection, system: str, operation: str, wanted: int
    ) -> Room:
        """How many calls of an operation a step may prepare now, at most those wanted."""
        return room(
            await self.lane(connection, system),
            operation,
            wanted,
            free=self._sender.room(system),
            left=await self._quota.left(connection, system),
            seconds=self._seconds[system],
            now=self._clock.now(),
        )

    async def left(self, connection: AsyncConnection, system: str) -> dict[str, int]:
        """How many calls the quota still has, by window; nothing where nothing was agreed."""
        windows = await self._quota.left(connection, system)
        return {name: max(0, window.limit - window.spent) for name, window in windows.items()}

    def at_once(self, system: str) -> int:
        """How many calls at once the system seems to bear from this process."""
        return self._sender.at_once(system)

    async def asked(
        self, connection: AsyncConnection, calls: Sequence[Call[T]], after: Sequence[Entry] = ()
    ) -> list[Call[T]]:
        """Record the questions before a byte of them leaves; returns them with their ids.

        Those that their lane keeps back come back unrecorded, and `send` gives `NotSent` for them.
        The entries of what the questions come `after` are recorded before them, in any case.
        """
        if not calls:
            await self._log.append(connection, after)
            return []
        await self._admission.rest_where_tripped(connection, calls)
        patience = max(self._patience(call) for call in calls)
        named = await self._admission.admit(connection, calls, patience)
        await self._record(connection, [call for call in named if call.recorded], after)
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
        """Record what came back, and what it says of the lanes, in the caller's transaction.

        Raises `Abandoned` where a question has its outcome already: nobody gets two.
        """
        pairs = [pair for pair in zip(calls, answers, strict=True) if pair[0].recorded]
        if not pairs:
            return
        ids = [call.call_id for call, _ in pairs]
        closed = await connection.execute(_CLOSE, {"call_ids": ids})
        if closed.rowcount != len(ids):
            raise Abandoned("a question was given up before its answer was recorded")
        await self._log.append(connection, [answered_entry(*pair) for pair in pairs])
        for call, answer in pairs:
            await self._admission.learn(connection, call, answer)
        await self._admission.rest_where_tripped(connection, [call for call, _ in pairs])

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

    async def stop(
        self, connection: AsyncConnection, system: str, actor: Actor, reason: str
    ) -> bool:
        """Let nothing leave to a system, queued or new; False where it was stopped already."""
        return await self._admission.stop(connection, system, actor, reason)

    async def resume(self, connection: AsyncConnection, system: str, actor: Actor) -> bool:
        """Open a lane that waits for an operator; False where it does not."""
        return await self._admission.resume(connection, system, actor)

    async def _send(self, call: Call[T]) -> Reply[T] | SystemFailure:
        return await self._sender.send(call)

    async def _record(
        self, connection: AsyncConnection, calls: Sequence[Call[T]], after: Sequence[Entry]
    ) -> None:
        new = [*after, *(asked_entry(call) for call in calls)]
        entry_ids = (await self._log.append(connection, new))[len(after) :]
        expires = [self._clock.now() + self._patience(call) for call in calls]
        rows = [_open_row(*row) for row in zip(calls, entry_ids, expires, strict=True)]
        await write_rows(connection, _OPEN, rows)

    def _patience(self, call: Call[T]) -> timedelta:
        # Waiting for a place counts too; a minute is far beyond the rest.
        return timedelta(seconds=2 * self._seconds[call.system] + 60.0)


def _open_row(call: Call[T], entry_id: str, expires_at: datetime) -> dict[str, object]:
    return {
        "call_id": call.call_id,
        "entry_id": entry_id,
        "system": call.system,
        "operation": call.operation,
        "trace_id": call.trace_id,
        "expires_at": expires_at,
    }
