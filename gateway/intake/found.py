"""The preschool records found for a handover, kept with why each fits and who rejected it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.names import Tier
from contracts.records import PreschoolRecord
from gateway.among import among, parameter
from gateway.intake.handover import Handover
from gateway.intake.tables import candidates
from gateway.people.indexes import index_document, index_identity
from gateway.people.matching import Agreement, Candidate, Grade, Match
from gateway.people.sealed import open_record, seal_record
from gateway.rows import write_rows
from gateway.sealing import DataKey, Sealer

_OF_THESE = among(candidates.c.handover_id, parameter("handover_ids"))
_FOUND = select(candidates).where(_OF_THESE).order_by(candidates.c.record_id)
_REJECTED = select(candidates.c.handover_id, candidates.c.record_id).where(
    _OF_THESE, candidates.c.rejected_by.is_not(None)
)
_KEEP = insert(candidates)
_FORGET = delete(candidates).where(_OF_THESE)
_FORGET_OPEN = _FORGET.where(candidates.c.rejected_by.is_(None))
_FORGET_OTHERS = _FORGET.where(~among(candidates.c.record_id, parameter("record_ids")))


@dataclass(frozen=True, slots=True)
class Found:
    """One stored candidate; `rejected` where somebody said it is another child."""

    candidate: Candidate
    number_index: str | None
    document_index: str | None
    rejected: bool

    @property
    def record(self) -> PreschoolRecord:
        """The record as the register gave it."""
        return self.candidate.record


async def load_found(
    connection: AsyncConnection, handovers: Sequence[Handover], keys: Mapping[str, DataKey]
) -> dict[str, list[Found]]:
    """Every candidate of these handovers, rejected ones too, by handover."""
    by_id = {handover.handover_id: handover for handover in handovers}
    found: dict[str, list[Found]] = {handover_id: [] for handover_id in by_id}
    for row in await connection.execute(_FOUND, {"handover_ids": list(by_id)}):
        key = keys[by_id[row.handover_id].key_id]
        found[row.handover_id].append(_found(row, key))
    return found


async def load_rejected(
    connection: AsyncConnection, handover_ids: Sequence[str]
) -> dict[str, frozenset[str]]:
    """The ids of the records that were rejected as another child's, by handover."""
    rejected: dict[str, frozenset[str]] = {}
    for row in await connection.execute(_REJECTED, {"handover_ids": handover_ids}):
        rejected[row.handover_id] = rejected.get(row.handover_id, frozenset()) | {row.record_id}
    return rejected


async def replace_found(
    connection: AsyncConnection,
    found: Sequence[tuple[Handover, Sequence[Candidate]]],
    keys: Mapping[str, DataKey],
    sealer: Sealer,
) -> None:
    """Keep what a new search found in place of the old; rejections stay remembered."""
    ids = [handover.handover_id for handover, _ in found]
    await connection.execute(_FORGET_OPEN, {"handover_ids": ids})
    rows = [
        _row(handover, candidate, keys[handover.key_id], sealer)
        for handover, some in found
        for candidate in some
    ]
    await write_rows(connection, _KEEP, rows)


async def reject(connection: AsyncConnection, handover_id: str, record_id: str, user: str) -> bool:
    """Remember that this record is another child's; False where there is no such candidate."""
    done = await connection.execute(
        update(candidates)
        .where(candidates.c.handover_id == handover_id, candidates.c.record_id == record_id)
        .values(rejected_by=user)
    )
    return done.rowcount == 1


async def keep_matched(connection: AsyncConnection, carried: Sequence[Handover]) -> None:
    """Drop what was found for carried handovers beside the record each was matched with."""
    ids = [handover.handover_id for handover in carried]
    matched = [handover.matched_record for handover in carried]
    await connection.execute(_FORGET_OTHERS, {"handover_ids": ids, "record_ids": matched})


async def forget_found(connection: AsyncConnection, handover_ids: Sequence[str]) -> None:
    """Drop what was found for handovers that are over; none of it may be needed any more."""
    await connection.execute(_FORGET, {"handover_ids": handover_ids})


def _row(
    handover: Handover, candidate: Candidate, key: DataKey, sealer: Sealer
) -> dict[str, object]:
    record, match = candidate.record, candidate.match
    identity = record.child.identity
    return {
        "handover_id": handover.handover_id,
        "record_id": record.record_id,
        "grade": match.grade.value,
        "agreement": json.dumps({"name_tier": match.name_tier.value, **match.fields}),
        "number_index": index_identity(identity, sealer).number,
        "document_index": index_document(identity.document, sealer),
        "kindergarten": record.institution,
        "status": record.status.value if record.status else None,
        "advanced_to": record.advanced_to,
        "sealed_record": seal_record(record, key),
    }


def _found(row: Row[tuple[object, ...]], key: DataKey) -> Found:
    agreement = json.loads(row.agreement)
    tier = Tier(agreement.pop("name_tier"))
    fields = {name: Agreement(value) for name, value in agreement.items()}
    match = Match(Grade(row.grade), fields, tier)
    candidate = Candidate(open_record(row.sealed_record, key), match)
    return Found(candidate, row.number_index, row.document_index, row.rejected_by is not None)
