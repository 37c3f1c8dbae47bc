"""The worker's step for batches: one chunk, a few calls at a time, its answers kept as they come.

One transaction keeps what came of the last calls and records the next ones, so that a process
that dies loses at most the answers to calls in flight: their rows alone are asked once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Reply, Verdict
from contracts.errors import SystemFailure
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Subject
from gateway.leases import finish, postpone
from gateway.sealing import Sealer
from gateway.verification.asking import CHECK, claim_reference
from gateway.verification.batches.chunk import (
    Chunk,
    hold_on,
    open_chunk,
    still_open,
    write_back,
)
from gateway.verification.batches.passing import Group
from gateway.verification.batches.problems import Noting
from gateway.verification.batches.turns import Turns
from gateway.verification.dialects import Dialect

SIDE_BY_SIDE = 2  # steps of one worker: while one waits for the store, the other one asks
# So many calls for each place of a step are recorded together: what a transaction costs is shared
# by more rows, and few enough calls wait for their place that none waits in vain.
DEPTH = 4


@dataclass(frozen=True, slots=True)
class _Wave:
    """Calls of one chunk that are on record and about to be sent together."""

    chunk: Chunk
    groups: Sequence[Group]
    calls: Sequence[Call[tuple[Verdict, ...]]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskingBatches:
    """What it takes to ask one register for batches."""

    database: Database
    sealer: Sealer
    clock: Clock
    calls: Calls
    dialect: Dialect
    turns: Turns
    noting: Noting

    async def step(self) -> int:
        """Ask for the chunk whose turn it is; 0 where none waits or the register has no room."""
        async with self.database.transaction() as connection:
            wave = await self._begin(connection)
        if wave is None:
            return 0
        while wave is not None:
            answers = await self.calls.send(wave.calls)
            async with self.database.transaction() as connection:
                wave = await self._keep(connection, wave, answers)
        return 1

    async def _begin(self, connection: AsyncConnection) -> _Wave | None:
        system, now = self.dialect.system, self.clock.now()
        calls = await self._room(connection)
        if not calls:
            return None
        while (lease := await self.turns.next(connection, system, now)) is not None:
            at_once = self.dialect.register.batch_limit
            chunk = await open_chunk(connection, lease, self.sealer, at_once)
            if chunk is not None and not chunk.passing.over:
                return await self._ask(connection, chunk, calls)
            await finish(connection, [lease])
        return None

    async def _keep(
        self,
        connection: AsyncConnection,
        wave: _Wave,
        answers: Sequence[Reply[tuple[Verdict, ...]] | SystemFailure],
    ) -> _Wave | None:
        """Keep what came back; the next wave of the chunk, already on record, or None."""
        chunk, now = wave.chunk, self.clock.now()
        await self.calls.answered(connection, wave.calls, answers)
        for group, call, answer in zip(wave.groups, wave.calls, answers, strict=True):
            if isinstance(answer, SystemFailure):
                chunk.passing.refused(group, answer)
            else:
                chunk.passing.answered(group, answer.value, call.call_id)
        await write_back(connection, chunk, now)
        if chunk.batch.opens_problems:
            await self.noting.note(connection, chunk, wave.groups, now)
        if not await still_open(connection, chunk) or not chunk.passing.pending:
            await finish(connection, [chunk.lease])
            return None
        if chunk.passing.over:
            wait = timedelta(seconds=chunk.passing.backoff())
            await postpone(connection, [chunk.lease], now + wait)
            return None
        await hold_on(connection, chunk, now)
        return await self._ask(connection, chunk, await self._room(connection))

    async def _ask(self, connection: AsyncConnection, chunk: Chunk, most: int) -> _Wave | None:
        """Record the next calls, at most so many; where none may leave, give the chunk back."""
        groups = chunk.passing.take(most)
        if not groups:
            await postpone(connection, [chunk.lease], self.clock.now(), attempted=False)
            return None
        calls = [self._call(chunk, group) for group in groups]
        return _Wave(chunk, groups, await self.calls.asked(connection, calls))

    async def _room(self, connection: AsyncConnection) -> int:
        """How many calls to record now; none where the register cannot be asked."""
        share = max(1, self.calls.at_once(self.dialect.system) // SIDE_BY_SIDE)
        room = await self.calls.room(connection, self.dialect.system, CHECK, share)
        return room.calls if room.calls < share else share * DEPTH

    def _call(self, chunk: Chunk, group: Group) -> Call[tuple[Verdict, ...]]:
        asker = self.dialect.asker(chunk.batch.area)
        claims = [chunk.rows[row].claim for row in group]

        async def send() -> Reply[tuple[Verdict, ...]]:
            return await self.dialect.register.check(claims, asker, trace_id=chunk.batch.trace_id)

        subjects = tuple(self._subject(chunk, row, n) for n, row in enumerate(group, 1))
        return Call(
            self.dialect.system,
            CHECK,
            send,
            subjects,
            chunk.batch.trace_id,
            case=chunk.batch.case,
            summarise=_verdict_details,
        )

    def _subject(self, chunk: Chunk, row: int, number: int) -> Subject:
        claim = chunk.rows[row].claim
        return Subject(
            ref=claim_reference(claim.citizen_number, self.sealer),
            key_id=chunk.batch.key_id,
            key=chunk.key,
            detail={"number": claim.citizen_number, "name": claim.name},
            row=number,
        )


def _verdict_details(verdicts: tuple[Verdict, ...]) -> list[Mapping[str, object]]:
    return [{"outcome": verdict.outcome.value, "code": verdict.code} for verdict in verdicts]
