"""The batches of a round: one for each register that is asked about records of one stage."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events import Stage
from gateway.identifiers import Identifiers
from gateway.leases import enqueue
from gateway.sealing import KeyRow, Sealer, store_keys
from gateway.verification.batches.destroying import RECEIVING
from gateway.verification.batches.tables import verification_batches
from gateway.verification.periodic.round import Round
from gateway.verification.periodic.tables import periodic_sweeps

SWEEP = "periodic_sweep"  # bring the next records into the batch
# A batch that is still being filled after so long counts as given up.
_FILLED_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sweeps:
    """Opens the batches; `system_of` says which register serves an area."""

    sealer: Sealer = field(repr=False)
    identifiers: Identifiers
    system_of: Callable[[str], str]

    async def open(
        self,
        connection: AsyncConnection,
        begun: Round,
        stage: Stage,
        areas: Sequence[str],
        now: datetime,
    ) -> None:
        """Have the records of these areas brought into a batch for each register."""
        by_system: dict[str, list[str]] = {}
        for area in areas:
            by_system.setdefault(self.system_of(area), []).append(area)
        for system, served in sorted(by_system.items()):
            await self._open(connection, begun, stage, system, served, now)

    async def _open(
        self,
        connection: AsyncConnection,
        begun: Round,
        stage: Stage,
        system: str,
        areas: Sequence[str],
        now: datetime,
    ) -> None:
        batch_id = self.identifiers()
        wrapped, _ = self.sealer.new_key()
        await store_keys(connection, [KeyRow(key_id=batch_id, wrapped=wrapped, created_at=now)])
        batch = verification_batches.insert().values(_batch(begun, batch_id, system, now))
        await connection.execute(batch)
        sweep = {
            "batch_id": batch_id,
            "round_id": begun.round_id,
            "system": system,
            "stage": stage.value,
            "areas": json.dumps(areas),
            "after": "",
            "rows": 0,
        }
        await connection.execute(periodic_sweeps.insert().values(sweep))
        await enqueue(connection, SWEEP, [batch_id], now)


def _batch(begun: Round, batch_id: str, system: str, now: datetime) -> dict[str, object]:
    """A batch of the office's own: it reads and pauses it like any other."""
    return {
        "batch_id": batch_id,
        "institution": begun.office,
        "school": "",
        "area": begun.area,
        "system": system,
        "key_id": batch_id,
        "case": begun.case,
        "trace_id": begun.trace_id,
        "opens_problems": True,
        "state": RECEIVING,
        "rows": 0,
        "received_at": now,
        "kept_until": now + _FILLED_WITHIN,
    }
