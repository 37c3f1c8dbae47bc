"""How a batch stands: counted from its chunks, each time somebody asks."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.verification.batches.destroying import RECEIVING
from gateway.verification.batches.tables import verification_batches, verification_chunks

DONE = "done"
LATELY = timedelta(minutes=5)  # what the pace is measured over
_batches, _chunks = verification_batches.c, verification_chunks.c
_COUNTED = (_chunks.to_ask, _chunks.pending, _chunks.repeated, _chunks.counts, _chunks.finished_at)


@dataclass(frozen=True, slots=True)
class Progress:
    """One batch as it stands; `rows_a_second` is None while nothing was answered lately."""

    batch_id: str
    institution: str
    area: str
    system: str
    state: str
    opens_problems: bool
    rows: int
    to_ask: int
    pending: int
    repeated: int
    counts: Mapping[Outcome, int]
    rows_a_second: float | None
    received_at: datetime
    finished_at: datetime | None
    kept_until: datetime
    destroyed_at: datetime | None


async def find_batch(connection: AsyncConnection, batch_id: str, now: datetime) -> Progress | None:
    """The batch, once all of it is there."""
    mine = (_batches.batch_id == batch_id) & (_batches.state != RECEIVING)
    batch = (await connection.execute(select(verification_batches).where(mine))).one_or_none()
    if batch is None:
        return None
    counted = select(*_COUNTED).where(_chunks.batch_id == batch_id)
    return _progress(batch, (await connection.execute(counted)).all(), now)


def _progress(
    batch: Row[*tuple[Any, ...]], chunks: Sequence[Row[*tuple[Any, ...]]], now: datetime
) -> Progress:
    counts: Counter[str] = Counter()
    for chunk in chunks:
        counts.update(json.loads(chunk.counts))
    pending = sum(chunk.pending for chunk in chunks)
    over = not pending and batch.state == "open"
    finished = [chunk.finished_at for chunk in chunks if chunk.finished_at is not None]
    return Progress(
        batch_id=batch.batch_id,
        institution=batch.institution,
        area=batch.area,
        system=batch.system,
        state=DONE if over else batch.state,
        opens_problems=batch.opens_problems,
        rows=batch.rows,
        to_ask=sum(chunk.to_ask for chunk in chunks),
        pending=pending,
        repeated=sum(chunk.repeated for chunk in chunks),
        counts={Outcome(name): number for name, number in sorted(counts.items())},
        rows_a_second=_pace(batch.received_at, chunks, now),
        received_at=batch.received_at,
        finished_at=max(finished, default=batch.received_at) if over else None,
        kept_until=batch.kept_until,
        destroyed_at=batch.destroyed_at,
    )


def _pace(
    received_at: datetime, chunks: Sequence[Row[*tuple[Any, ...]]], now: datetime
) -> float | None:
    since = max(received_at, now - LATELY)
    answered = sum(c.to_ask for c in chunks if c.finished_at is not None and c.finished_at > since)
    seconds = (now - since).total_seconds()
    return answered / seconds if answered and seconds > 0 else None
