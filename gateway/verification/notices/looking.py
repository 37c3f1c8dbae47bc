"""A correction opened with everything its decision rests on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.sealing import Sealer, load_keys
from gateway.verification.notices.effects import Effect, chain_of
from gateway.verification.notices.notice import (
    Correction,
    Notice,
    load_correction,
    load_notice,
    open_notice,
)
from gateway.verification.notices.rules import Refusal, Refused
from gateway.verification.problems.holdings import Held, Holdings


@dataclass(frozen=True, slots=True)
class Looked:
    """A correction, what the unit told, the record as it is, and the chain of effects as of now."""

    correction: Correction
    notice: Notice = field(repr=False)
    held: Held = field(repr=False)
    unit: str
    case: str
    received_at: datetime
    takes_back: bool  # the unit takes back what it had told and the county confirmed
    effects: Sequence[Effect]


@dataclass(frozen=True, slots=True)
class Looking:
    """What it takes to open one."""

    sealer: Sealer = field(repr=False)
    holdings: Holdings

    async def look(
        self, connection: AsyncConnection, correction_id: str, *, lock: bool = False
    ) -> Looked:
        """The correction with its chain of effects as it is now; raise `Refused` where erased."""
        correction = await load_correction(connection, correction_id, lock=lock)
        if correction is None:
            raise Refused(Refusal.NOT_ALLOWED)
        row = await load_notice(connection, correction.notice_id)
        keys = await load_keys(connection, [row.key_id], self.sealer)
        held = await self.holdings.open(connection, [correction.subject_id])
        if row.key_id not in keys or correction.subject_id not in held:
            raise Refused(Refusal.ERASED)
        notice = open_notice(row.sealed_notice, keys[row.key_id])
        child = held[correction.subject_id]
        effects = await chain_of(connection, correction, notice, child, self.holdings, self.sealer)
        return Looked(
            correction=correction,
            notice=notice,
            held=child,
            unit=row.unit,
            case=row.case,
            received_at=row.received_at,
            takes_back=row.takes_back is not None,
            effects=effects,
        )
