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
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Reply
from contracts.errors import SystemFailure
from gateway.calls.lanes import Lane, load_lane, store_lane
from gateway.calls.retry import within
from gateway.calls.tables import open_calls
from gateway.clock import Clock
from gateway.evidence import Action, Actor, Entry, Log, Subject
from gateway.identifiers import Identifiers

T = TypeVar("T")

PURPOSE = "student_status"
WORKER = Actor(caller="jisui", user="", role="gateway", institution="")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One question to one system, about one or more children."""

    system: str
    operation: str
    send: Callable[[], Awaitable[Reply[T]]] = field(repr=False)
    subjects: tuple[Subject, ...] = field(repr=False)
    trace_id: str
    writing: bool = False
    case: str = ""
    call_id: str = ""
    # One detail per child for the answered entry, in the order of `subjects`.
    summarise: Callable[[T], Sequence[Mapping[str, object]]] | None = None


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
        entry_ids = await self._log.append(connection, [_asked_entry(call) for call in named])
        expires = [self._clock.now() + self._patience(call) for call in named]
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
        """Record what came back, and what it says of the lane, in the caller's transaction."""
        if not calls:
            return
        pairs = list(zip(calls, answers, strict=True))
        await self._log.append(connection, [_answered_entry(*pair) for pair in pairs])
        ids = [call.call_id for call in calls]
        await connection.execute(delete(open_calls).where(open_calls.c.call_id.in_(ids)))
        for system in {call.system for call in calls}:
            results = [answer for call, answer in pairs if call.system == system]
            await self._keep_lane(connection, system, results)

    async def close_open(self, connection: AsyncConnection) -> int:
        """Record every question that outlived its deadline as unknown; how many there were."""
        now = self._clock.now()
        overdue = (
            await connection.execute(select(open_calls).where(open_calls.c.expires_at <= now))
        ).all()
        await self._log.append(connection, [_abandoned_entry(row) for row in overdue])
        ids = [row.call_id for row in overdue]
        await connection.execute(delete(open_calls).where(open_calls.c.call_id.in_(ids)))
        return len(overdue)

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
        if after != before:
            await store_lane(connection, after)

    def _patience(self, call: Call[T]) -> timedelta:
        # Waiting for a free place in the lane counts too; a minute is far beyond both.
        return timedelta(seconds=self._seconds[call.system] + 60.0)


def _open_row(call: Call[T], entry_id: str, expires_at: datetime) -> dict[str, object]:
    return {
        "call_id": call.call_id,
        "entry_id": entry_id,
        "system": call.system,
        "operation": call.operation,
        "trace_id": call.trace_id,
        "expires_at": expires_at,
    }


def _asked_entry(call: Call[T]) -> Entry:
    return Entry(
        action=Action.REGISTER_ASKED,
        outcome="asked",
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case=call.case,
        object_ref=call.call_id,
        request_id=call.trace_id,
        subjects=call.subjects,
        content={"system": call.system, "operation": call.operation},
    )


def _answered_entry(call: Call[T], answer: Reply[T] | SystemFailure) -> Entry:
    content = {"system": call.system, "operation": call.operation}
    subjects = call.subjects
    if isinstance(answer, SystemFailure):
        outcome = type(answer).__name__
        content["code"] = answer.code
    else:
        outcome = "answered"
        content["asked_sha256"] = hashlib.sha256(answer.asked).hexdigest()
        content["answered_sha256"] = hashlib.sha256(answer.answered).hexdigest()
        subjects = _with_answers(call, answer)
    return Entry(
        action=Action.REGISTER_ANSWERED,
        outcome=outcome,
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case=call.case,
        object_ref=call.call_id,
        request_id=call.trace_id,
        subjects=subjects,
        content=content,
    )


def _with_answers(call: Call[T], answer: Reply[T]) -> tuple[Subject, ...]:
    if call.summarise is None:
        return call.subjects
    details = call.summarise(answer.value)
    pairs = zip(call.subjects, details, strict=True)
    return tuple(replace(subject, detail=detail) for subject, detail in pairs)


def _abandoned_entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(
        action=Action.REGISTER_ANSWERED,
        outcome="unknown",
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case="",
        object_ref=row.call_id,
        request_id=row.trace_id,
        content={"system": row.system, "operation": row.operation, "code": "abandoned"},
    )
