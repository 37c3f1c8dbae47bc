"""Opening a single query: all of it in the store and on record, before anybody is asked."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim, Verdict
from contracts.outcomes import Outcome
from gateway.access.grants import Grant
from gateway.calls.exchange import Call
from gateway.clock import Clock
from gateway.evidence import Action, Entry, Log, Subject
from gateway.identifiers import Identifiers
from gateway.leases import take
from gateway.rows import write_rows
from gateway.sealing import DataKey, KeyRow, Sealer, store_keys
from gateway.verification.asked import Asked, asked_of
from gateway.verification.asking import LEASE_SECONDS, Verifying, claim_reference
from gateway.verification.claims import claim_of
from gateway.verification.positives import Positives
from gateway.verification.queries.answers import Query, query_of
from gateway.verification.queries.tables import identity_queries
from gateway.verification.queries.told import Told
from gateway.verification.query import Request, Row, draft
from gateway.verification.tables import verifications

_VERIFICATION = verifications.insert()
_QUERY = identity_queries.insert()


@dataclass(frozen=True, slots=True)
class Asking:
    """One query that is on record and about to be sent."""

    verifying: Verifying
    query: Query
    asked: Asked
    calls: Sequence[Call[tuple[Verdict, ...]]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening takes; `verifying_for` gives the register that serves an area."""

    sealer: Sealer
    clock: Clock
    log: Log
    identifiers: Identifiers
    positives: Positives
    verifying_for: Callable[[str], Verifying]
    kept_days: int

    async def open(
        self, connection: AsyncConnection, grant: Grant, query_id: str, told: Told
    ) -> tuple[Query, Asking | None]:
        """The query, and what is to be sent of it; None where it has its answer already."""
        now = self.clock.now()
        key_id, (wrapped, key) = self.identifiers(), self.sealer.new_key()
        await store_keys(connection, [KeyRow(key_id=key_id, wrapped=wrapped, created_at=now)])
        row = await self._drafted(connection, _request(grant, query_id, told, key_id, key), now)
        await write_rows(connection, _VERIFICATION, [row])
        query = query_of(row, told.question(self.sealer), told.checks())
        kept = _kept(query, now + timedelta(days=self.kept_days))
        await write_rows(connection, _QUERY, [kept])
        subject = self._subject(told, query_id, key_id, key)
        requested = [replace(_requested(grant, query), subjects=(subject,))]
        if query.outcome is not None:
            await self.log.append(connection, requested)
            return query, None
        verifying = self.verifying_for(grant.area)
        lease = await take(connection, verifying.kind, query_id, now, LEASE_SECONDS)
        asked = asked_of(lease, row, key)
        calls = await verifying.record(connection, [(asked,)], requested)
        return query, Asking(verifying, query, asked, calls)

    async def _drafted(self, connection: AsyncConnection, request: Request, now: datetime) -> Row:
        """The row of the verification, with the answer where one need not be asked for."""
        row = draft(request, self.sealer, now)
        claim = claim_of(request.identity)
        if not isinstance(claim, Claim):
            return row
        known = await self.positives.recall(connection, [claim])
        match = known.get(str(row["claim"]))
        if match is None:
            return row
        said = {"call_id": match.call_id, "as_of": match.as_of, "answered_at": match.answered_at}
        return {**row, **said, "outcome": Outcome.MATCH.value}

    def _subject(self, told: Told, query_id: str, key_id: str, key: DataKey) -> Subject:
        claim = claim_of(told.identity)
        return Subject(
            ref=claim_reference(claim.citizen_number, self.sealer)
            if isinstance(claim, Claim)
            else self.sealer.index("child", query_id),
            key_id=key_id,
            key=key,
            detail={"number": told.document_number, "name": told.name},
            row=1,
        )


def _request(grant: Grant, query_id: str, told: Told, key_id: str, key: DataKey) -> Request:
    return Request(
        subject_id=query_id,
        key_id=key_id,
        key=key,
        school=grant.institution,
        area=grant.area,
        trace_id=grant.trace_id,
        identity=told.identity,
        wake="",
        case=grant.case,
    )


def _kept(query: Query, until: datetime) -> Row:
    return {
        "query_id": query.query_id,
        "question": query.question,
        "checks": json.dumps(query.checks),
        "kept_until": until,
    }


def _requested(grant: Grant, query: Query) -> Entry:
    recalled = {"recalled_call": query.call_id} if query.call_id else {}
    outcome = "recalled" if recalled else str(query.outcome or "asked")
    action = Action.VERIFICATION_REQUESTED
    return grant.entry(action, outcome, query.query_id, question=query.question, **recalled)
