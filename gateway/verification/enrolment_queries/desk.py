"""The desk for enrolment queries: weighs each in one transaction with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action
from gateway.sealing import load_keys
from gateway.verification.enrolment_queries.pace import Pace, pace_of
from gateway.verification.enrolment_queries.papers import has_overdue
from gateway.verification.enrolment_queries.query import (
    Answered,
    Asked,
    Outcome,
    Refusal,
    open_answers,
    standing_of,
)
from gateway.verification.enrolment_queries.recording import entry_of, lock_unit, refused_entry
from gateway.verification.enrolment_queries.rules import CANNOT_SAY, Answer
from gateway.verification.enrolment_queries.shields import shielded
from gateway.verification.enrolment_queries.stops import is_stopped
from gateway.verification.enrolment_queries.tables import enrolment_queries
from gateway.verification.enrolment_queries.weighing import Weighing
from gateway.web.idempotency import Keys, Wish


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes of asking, and where the unit's pace stands after it."""

    outcome: Answered | Refusal
    pace: Pace


@dataclass(frozen=True, slots=True)
class Desk:
    """What weighing a query needs."""

    database: Database
    clock: Clock
    access: Access
    keys: Keys
    weighing: Weighing
    queries_per_minute: int
    urgent_children: int

    async def ask(self, grant: Grant, asked: Asked, wish: Wish | None) -> Reply:
        """The answers, or why there are none; either is on record when this returns.

        Under a key that was used before: what came of it then, weighed no second time.
        """
        unit, limit = grant.institution, self.queries_per_minute
        async with self.database.transaction() as connection:
            await lock_unit(connection, unit)
            now = self.clock.now()
            pace = await pace_of(connection, unit, limit, now)
            refusal = await self._barred(connection, grant, asked, pace, now)
            if refusal is not None:
                await self._refuse(connection, grant, asked, refusal)
                return Reply(refusal, pace)
            query_id = self.weighing.recording.identifiers()
            if wish is not None:
                made = await self.keys.claim(connection, wish, query_id, 0.0)
                if made != query_id:
                    return Reply(await self._repeat(connection, grant, asked, made), pace)
            outcome = await self.weighing.weigh(connection, grant, asked, query_id, now)
            return Reply(outcome, await pace_of(connection, unit, limit, now))

    async def _barred(
        self, connection: AsyncConnection, grant: Grant, asked: Asked, pace: Pace, now: datetime
    ) -> Refusal | None:
        unit = grant.institution
        if await is_stopped(connection, unit, grant.user):
            return Refusal.STOPPED
        if pace.left == 0:
            return Refusal.TOO_FAST
        if asked.urgent and await has_overdue(connection, unit, now):
            return Refusal.PAPER_OVERDUE
        return None

    async def _refuse(
        self, connection: AsyncConnection, grant: Grant, asked: Asked, refusal: Refusal
    ) -> None:
        refused = refused_entry(grant, asked, refusal.value)
        await self.weighing.recording.log.append(connection, [refused])

    async def _repeat(
        self, connection: AsyncConnection, grant: Grant, asked: Asked, query_id: str
    ) -> Answered | Refusal:
        """What the query came to the first time; that it is told again is on record."""
        mine = select(enrolment_queries).where(enrolment_queries.c.query_id == query_id)
        row = (await connection.execute(mine)).one()
        keys = await load_keys(connection, [row.key_id], self.weighing.recording.sealer)
        query = standing_of(row)
        if query.outcome is Outcome.STOPPED or row.sealed_answers is None or not keys:
            await self._refuse(connection, grant, asked, Refusal.STOPPED)
            return Refusal.STOPPED
        repeated = entry_of(grant, Action.ENROLMENT_ANSWERED, "repeated", query)
        await self.weighing.recording.log.append(connection, [repeated])
        told = open_answers(row.sealed_answers, keys[row.key_id], query_id)
        return Answered(query, await self._veiled(connection, asked, told))

    async def _veiled(
        self, connection: AsyncConnection, asked: Asked, told: Sequence[Answer]
    ) -> list[Answer]:
        """The answers of then, without those of children who have been shielded since."""
        sealer = self.weighing.recording.sealer
        documents = [named.child(sealer).document for named in asked.children]
        hidden = await shielded(connection, documents)
        pairs = zip(documents, told, strict=True)
        return [CANNOT_SAY if document in hidden else one for document, one in pairs]
