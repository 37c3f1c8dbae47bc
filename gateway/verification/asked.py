"""Verifications on their way: leased, opened, ready to send; and what was said of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim, Verdict
from contracts.outcomes import Outcome
from gateway.among import among, parameter
from gateway.leases import Lease, finish
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.query import open_claim
from gateway.verification.tables import verifications

_LEASED = select(verifications).where(among(verifications.c.subject_id, parameter("subject_ids")))


@dataclass(frozen=True, slots=True)
class Asked:
    """One leased verification, opened and ready to send; `index` is its claim's blind index."""

    lease: Lease
    key_id: str
    key: DataKey
    claim: Claim
    index: str
    school: str
    area: str
    trace_id: str
    case: str
    attempts: int
    wake: str

    @property
    def subject_id(self) -> str:
        """The child, or the single query, that is verified."""
        return self.lease.subject_id


@dataclass(frozen=True, slots=True)
class Said:
    """What the register said of one claim, in which exchange, and when that was kept."""

    asked: Asked
    verdict: Verdict
    call_id: str = ""
    answered_at: datetime | None = None


def asked_of(lease: Lease, row: Mapping[str, Any], key: DataKey) -> Asked:
    """A leased row of `verifications`, opened with its key."""
    return Asked(
        lease=lease,
        key_id=row["key_id"],
        key=key,
        claim=open_claim(row["sealed_claim"], key),
        index=row["claim"],
        school=row["school"],
        area=row["area"],
        trace_id=row["trace_id"],
        case=row["case"],
        attempts=row["attempts"],
        wake=row["wake"],
    )


async def open_leased(
    connection: AsyncConnection, leases: Sequence[Lease], sealer: Sealer
) -> list[Asked]:
    """Those of the leased verifications that are still to be asked; the other leases are ended."""
    ids = [lease.subject_id for lease in leases]
    found = await connection.execute(_LEASED, {"subject_ids": ids})
    rows = {row.subject_id: row._asdict() for row in found}
    keys = await load_keys(connection, [row["key_id"] for row in rows.values()], sealer)
    pending = {i: row for i, row in rows.items() if _askable(row, keys)}
    await finish(connection, [lease for lease in leases if lease.subject_id not in pending])
    opened = [(held, pending[held.subject_id]) for held in leases if held.subject_id in pending]
    return [asked_of(lease, row, keys[row["key_id"]]) for lease, row in opened]


def _askable(row: Mapping[str, Any], keys: Mapping[str, DataKey]) -> bool:
    if row["key_id"] not in keys:  # erased meanwhile
        return False
    return row["sealed_claim"] is not None and row["outcome"] in (None, Outcome.UNKNOWN)
