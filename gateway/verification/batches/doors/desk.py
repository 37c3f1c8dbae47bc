"""The desk behind the routes of batches: finds what a caller may see, refuses the rest alike."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.calls.exchange import Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.sealing import Sealer
from gateway.verification.asking import CHECK
from gateway.verification.batches.estimating import Terms, estimate
from gateway.verification.batches.progress import Progress, find_batch
from gateway.verification.batches.receiving import Receiving
from gateway.verification.batches.results import Results
from gateway.verification.batches.steering import Steering, Wish
from gateway.verification.dialects import Dialect, Dialects, UnknownDialect
from gateway.web.idempotency import Keys
from gateway.web.problems import Fault, Kind, Problem

RequireSchool = Callable[[Grant, str], Awaitable[str]]
QuotaLeft = Callable[[AsyncConnection, str], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is still to come of a batch: calls, when it may go on, when it will be over."""

    calls_left: int | None
    resumes_at: datetime | None
    estimated_end: datetime | None


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes of batches need."""

    database: Database
    sealer: Sealer
    clock: Clock
    log: Log
    access: Access
    calls: Calls
    keys: Keys
    dialects: Dialects
    receiving: Receiving
    steering: Steering
    require_school: RequireSchool
    quota_left: QuotaLeft

    def dialect(self, grant: Grant, system: str | None) -> Dialect:
        """The register that is asked: the one named, else the one for the caller's area."""
        if system is None:
            return self.dialects.for_area(grant.area)
        try:
            return self.dialects.named(system)
        except UnknownDialect:
            fault = Fault("unknown_system", "system", "没有这个人口库。", "There is none so named.")
            raise Problem(Kind.INVALID_REQUEST, [fault]) from None

    async def find(self, grant: Grant, batch_id: str) -> Progress:
        """The batch, if it exists and the grant reaches it; else refuse as if it did not."""
        async with self.database.reading() as connection:
            batch = await find_batch(connection, batch_id, self.clock.now())
        if batch is None:
            await self.access.refuse(grant, "absent")
        await self.access.require_covered(grant, institution=batch.institution, area=batch.area)
        return batch

    async def outlook(self, batch: Progress) -> Outlook:
        """What is to be expected, by the register's lanes, quota and hours.

        Of a register that is configured no more nothing is: when a process starts, its batches go
        to the one that serves their area.
        """
        try:
            at_once = self.dialects.named(batch.system).register.batch_limit
        except UnknownDialect:
            return Outlook(None if batch.pending else 0, None, None)
        calls = -(-batch.pending // at_once)
        if not calls or batch.state != "open":
            return Outlook(calls, None, None)
        now = self.clock.now()
        async with self.database.reading() as connection:
            room = await self.calls.room(connection, batch.system, CHECK, 1)
            lane = await self.calls.lane(connection, batch.system)
            left = await self.quota_left(connection, batch.system)
        pace = batch.rows_a_second / at_once if batch.rows_a_second else None
        resumes_at = None if room.calls else room.wait_until
        end = estimate(calls, Terms(pace, left, lane.hours), max(now, resumes_at or now))
        return Outlook(calls, resumes_at, end)

    async def steer(self, grant: Grant, batch_id: str, wish: Wish) -> Progress:
        """The batch after it was paused, resumed or cancelled; a conflict where it cannot be."""
        await self.find(grant, batch_id)
        async with self.database.transaction() as connection:
            if not await self.steering.steer(connection, batch_id, wish, self.clock.now()):
                raise Problem(Kind.CONFLICT)
            entry = grant.entry(Action.VERIFICATION_REQUESTED, f"batch_{wish}", batch_id)
            await self.log.append(connection, [entry])
        return await self.find(grant, batch_id)

    async def results(self, grant: Grant, batch_id: str, what: str) -> Results:
        """The rows of a batch, once it is on record that this caller sees them."""
        await self.find(grant, batch_id)
        async with self.database.transaction() as connection:
            viewed = grant.entry(Action.RECORD_VIEWED, f"batch_{what}", batch_id)
            await self.log.append(connection, [viewed])
        return Results(self.database, self.sealer, batch_id, grant.role)
