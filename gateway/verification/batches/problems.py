"""Answers of a batch become findings on the records its office holds, where it asked for that.

An answer counts for a record only where the record, as it stands, makes the very claim that was
asked: a batch may say of a child what its record does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim
from contracts.outcomes import OPENS_A_PROBLEM, Outcome
from gateway.sealing import Sealer
from gateway.verification.asking import claim_reference
from gateway.verification.batches.chunk import Batch, Chunk
from gateway.verification.batches.passing import Group
from gateway.verification.batches.rows import Answer
from gateway.verification.claims import claim_of, index_claim
from gateway.verification.problems.findings import Judged, note_verdicts
from gateway.verification.problems.holdings import Held, Holdings

_TELLING = OPENS_A_PROBLEM | {Outcome.MATCH}  # a match ends what the same claim had opened


@dataclass(frozen=True, slots=True)
class Noting:
    """Finds the records that answers are about, and notes what the answers say of them."""

    holdings: Holdings
    sealer: Sealer = field(repr=False)

    async def note(
        self, connection: AsyncConnection, chunk: Chunk, groups: Sequence[Group], now: datetime
    ) -> None:
        """Note what was just answered of records within the batch's own school or area."""
        said = self._said(chunk, [row for group in groups for row in group])
        if not said:
            return
        listed = self.holdings.rows().subquery()
        mine = _within(chunk.batch, listed.c.school, listed.c.area)
        query = select(listed).where(mine, listed.c.document_index.in_(sorted(said)))
        rows = {row.subject_id: row for row in await connection.execute(query)}
        held = await self.holdings.open(connection, sorted(rows))
        judged = [
            Judged(subject_id, row.key_id, row.school, row.area, outcome, claim)
            for subject_id, row in rows.items()
            if subject_id in held
            for claim, outcome in [said[row.document_index]]
            if claim == self._claim(held[subject_id])
        ]
        await note_verdicts(connection, judged, now)

    def _said(self, chunk: Chunk, rows: Sequence[int]) -> Mapping[str, tuple[str, Outcome]]:
        """What was said, by the document's index: of which claim, and the outcome."""
        said = {}
        for row in rows:
            answer, claim = chunk.passing.standings[row], chunk.rows[row].claim
            if isinstance(answer, Answer) and answer.outcome in _TELLING:
                document = claim_reference(claim.citizen_number, self.sealer)
                said[document] = (index_claim(claim, self.sealer), answer.outcome)
        return said

    def _claim(self, held: Held) -> str:
        claim = claim_of(held.identity)
        return index_claim(claim, self.sealer) if isinstance(claim, Claim) else ""


def _within(
    batch: Batch, school: ColumnElement[str], area: ColumnElement[str]
) -> ColumnElement[bool]:
    if batch.school:
        return school == batch.school
    # 990000 is a province, 441900 a city without counties that acts as one.
    prefix = batch.area[:2] if batch.area.endswith("0000") else batch.area
    return area.startswith(prefix[:4] if prefix.endswith("00") else prefix)
