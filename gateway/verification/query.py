"""Asking for a verification, and reading what has come of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim
from contracts.outcomes import Outcome
from contracts.records import Identity
from gateway.among import among, parameter
from gateway.database import insert_on
from gateway.leases import enqueue
from gateway.rows import write_rows
from gateway.sealing import DataKey, Sealer
from gateway.verification.claims import claim_of, index_question
from gateway.verification.problems.findings import Judged, note_verdicts
from gateway.verification.tables import verifications

VERIFY = "verify"  # children, in groups, when their turn comes
QUERY = "query"  # single claims somebody waits for
_IDENTIFYING = ("subject_id", "key_id")
_RENEWED = tuple(c.name for c in verifications.columns if c.name not in _IDENTIFYING)
_RENEW = (
    update(verifications)
    .where(verifications.c.subject_id == bindparam("this_subject"))
    .values({name: bindparam(f"new_{name}") for name in _RENEWED})
)
_NEW = {
    engine: insert_on(engine, verifications).on_conflict_do_nothing()
    for engine in ("sqlite", "postgresql")
}
_THESE = among(verifications.c.subject_id, parameter("subject_ids"))
_CLAIMS = select(verifications.c.subject_id, verifications.c.claim).where(_THESE)
_STANDINGS = select(
    verifications.c.subject_id, verifications.c.outcome, verifications.c.claim
).where(_THESE)

Row = dict[str, object]


def work_kind(kind: str, system: str) -> str:
    """The kind of work that is done by asking this system: each has a queue of its own."""
    return f"{kind}:{system}"


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
    case: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one verification has come; `outcome` is None while it is pending.

    `claim` is the blind index of what is or was asked.
    """

    subject_id: str
    outcome: Outcome | None
    claim: str


@dataclass(frozen=True, slots=True)
class Requesting:
    """What it takes to have children verified; `system_of` says which system serves an area."""

    sealer: Sealer
    system_of: Callable[[str], str]

    async def request(
        self, connection: AsyncConnection, requests: Sequence[Request], now: datetime
    ) -> None:
        """Have each child verified once for each claim.

        A second request with the same claim changes nothing; one with another claim is asked anew,
        and what was said of the former counts no more.
        """
        rows = [draft(request, self.sealer, now) for request in requests]
        if not rows:
            return
        claims = await _claims(connection, [str(row["subject_id"]) for row in rows])
        new = [row for row in rows if row["subject_id"] not in claims]
        renewed = [
            row for row in rows if claims.get(str(row["subject_id"]), row["claim"]) != row["claim"]
        ]
        await write_rows(connection, _NEW[connection.dialect.name], new)
        await write_rows(connection, _RENEW, [_renewal(row) for row in renewed])
        changed = [*new, *renewed]
        await note_verdicts(connection, [_judged(row) for row in changed if row["outcome"]], now)
        for kind, subject_ids in self._queued(changed).items():
            await enqueue(connection, kind, subject_ids, now)

    def _queued(self, rows: Sequence[Row]) -> dict[str, list[str]]:
        queues: dict[str, list[str]] = {}
        for row in rows:
            if not row["outcome"]:
                kind = work_kind(VERIFY, self.system_of(str(row["area"])))
                queues.setdefault(kind, []).append(str(row["subject_id"]))
        return queues


async def standings(
    connection: AsyncConnection, subject_ids: Sequence[str]
) -> Mapping[str, Standing]:
    """How far each of these verifications has come; those never requested are absent."""
    rows = await connection.execute(_STANDINGS, {"subject_ids": subject_ids})
    return {
        row.subject_id: Standing(row.subject_id, _outcome(row.outcome), row.claim) for row in rows
    }


def draft(request: Request, sealer: Sealer, now: datetime) -> Row:
    """The row of a verification nobody has asked about yet, or that needs no asking."""
    claim = claim_of(request.identity)
    asked = isinstance(claim, Claim)
    return {
        "subject_id": request.subject_id,
        "key_id": request.key_id,
        "school": request.school,
        "area": request.area,
        "trace_id": request.trace_id,
        "case": request.case,
        "claim": index_question(request.identity, sealer),
        "sealed_claim": _seal(claim, request.key) if isinstance(claim, Claim) else None,
        "outcome": None if isinstance(claim, Claim) else claim.value,
        "code": "",
        "call_id": "",
        "as_of": None,
        "attempts": 0,
        "requested_at": now,
        "answered_at": None if asked else now,
        "wake": request.wake,
    }


def open_claim(sealed: bytes, key: DataKey) -> Claim:
    """The claim sealed when the verification was requested."""
    number, name = json.loads(key.open(sealed, "claim"))
    return Claim(citizen_number=number, name=name)


async def _claims(connection: AsyncConnection, subject_ids: Sequence[str]) -> Mapping[str, str]:
    rows = await connection.execute(_CLAIMS, {"subject_ids": subject_ids})
    return {row.subject_id: row.claim for row in rows}


def _renewal(row: Row) -> Row:
    return {"this_subject": row["subject_id"], **{f"new_{name}": row[name] for name in _RENEWED}}


def _judged(row: Row) -> Judged:
    return Judged(
        subject_id=str(row["subject_id"]),
        key_id=str(row["key_id"]),
        school=str(row["school"]),
        area=str(row["area"]),
        outcome=Outcome(str(row["outcome"])),
        claim=str(row["claim"]),
        wake=str(row["wake"]),
    )


def _seal(claim: Claim, key: DataKey) -> bytes:
    return key.seal(json.dumps([claim.citizen_number, claim.name]).encode(), "claim")


def _outcome(text: str | None) -> Outcome | None:
    return Outcome(text) if text else None
