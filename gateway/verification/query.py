"""Asking for a verification, and reading what has come of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim
from contracts.outcomes import Outcome
from contracts.records import Identity
from gateway.database import insert_into
from gateway.leases import enqueue
from gateway.sealing import DataKey
from gateway.verification.claims import claim_of
from gateway.verification.problems.findings import Judged, note_verdicts
from gateway.verification.tables import verifications

VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Request:
    """A child to verify: whose key seals the claim, and what work to wake with the answer."""

    subject_id: str
    key_id: str
    key: DataKey
    school: str
    area: str
    trace_id: str
    identity: Identity
    wake: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one verification has come; `outcome` is None while it is pending."""

    subject_id: str
    outcome: Outcome | None


async def request(connection: AsyncConnection, requests: Sequence[Request], now: datetime) -> None:
    """Have each child verified once; a second request for the same child changes nothing."""
    rows = [_row(request, now) for request in requests]
    if not rows:
        return
    statement = insert_into(connection, verifications).on_conflict_do_nothing()
    await connection.execute(statement, rows)
    await note_verdicts(connection, [_judged(row) for row in rows if row["outcome"]], now)
    await enqueue(connection, VERIFY, [str(r["subject_id"]) for r in rows if not r["outcome"]], now)


async def standings(
    connection: AsyncConnection, subject_ids: Sequence[str]
) -> Mapping[str, Standing]:
    """How far each of these verifications has come; those never requested are absent."""
    query = select(verifications.c.subject_id, verifications.c.outcome).where(
        verifications.c.subject_id.in_(list(subject_ids))
    )
    rows = await connection.execute(query)
    return {row.subject_id: Standing(row.subject_id, _outcome(row.outcome)) for row in rows}


def _row(request: Request, now: datetime) -> dict[str, object]:
    claim = claim_of(request.identity)
    sealed = _seal(claim, request.key) if isinstance(claim, Claim) else None
    return {
        "subject_id": request.subject_id,
        "key_id": request.key_id,
        "school": request.school,
        "area": request.area,
        "trace_id": request.trace_id,
        "sealed_claim": sealed,
        "outcome": None if isinstance(claim, Claim) else claim.value,
        "code": "",
        "attempts": 0,
        "requested_at": now,
        "answered_at": None if isinstance(claim, Claim) else now,
        "wake": request.wake,
    }


def _judged(row: Mapping[str, object]) -> Judged:
    return Judged(
        subject_id=str(row["subject_id"]),
        key_id=str(row["key_id"]),
        school=str(row["school"]),
        area=str(row["area"]),
        outcome=Outcome(str(row["outcome"])),
        wake=str(row["wake"]),
    )


def _seal(claim: Claim, key: DataKey) -> bytes:
    return key.seal(json.dumps([claim.citizen_number, claim.name]).encode(), "claim")


def open_claim(sealed: bytes, key: DataKey) -> Claim:
    """The claim sealed when the verification was requested."""
    number, name = json.loads(key.open(sealed, "claim"))
    return Claim(citizen_number=number, name=name)


def _outcome(text: str | None) -> Outcome | None:
    return Outcome(text) if text else None
