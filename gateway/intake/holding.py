"""The records that handovers stand for, as the room of problem records asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Identity
from gateway.intake.handover import Handover, load, replace_identities
from gateway.intake.rules.states import Hold, State
from gateway.intake.steps.looking import LOOK
from gateway.intake.tables import handovers
from gateway.leases import enqueue
from gateway.people.indexes import index_identity
from gateway.people.sealed import seal_identity
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.problems.holdings import Held

# A child that has not come, or has left the list again, has no record at the school.
_ABSENT = (State.LISTED, State.NO_SHOW, State.WITHDRAWN, State.REVERSED)
# What was found or offered rests on the particulars as they were.
_TO_BE_LOOKED_UP_AGAIN = (State.OFFERED, State.CREATE_NEW)


@dataclass(frozen=True, slots=True)
class Handovers:
    """Every reported child of every list, as a record its school holds."""

    sealer: Sealer

    def rows(self) -> Select[*tuple[Any, ...]]:
        """The records in force; a row that is wrong in itself is no record yet."""
        columns = handovers.c
        return select(
            columns.handover_id.label("subject_id"),
            columns.key_id,
            columns.school,
            columns.area,
            columns.document_index,
            columns.person_index,
        ).where(
            columns.reported.is_(True),
            columns.state.not_in([state.value for state in _ABSENT]),
            func.coalesce(columns.hold, "") != Hold.DATA_ERROR.value,
        )

    async def open(
        self, connection: AsyncConnection, subject_ids: Sequence[str]
    ) -> Mapping[str, Held]:
        """These children by handover; those erased are absent."""
        loaded = await load(connection, subject_ids)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        return {h.handover_id: _held(h, keys[h.key_id]) for h in loaded if h.key_id in keys}

    async def correct(
        self, connection: AsyncConnection, subject_id: str, identity: Identity, now: datetime
    ) -> None:
        """Put a decided key-data change in; what was found for the old particulars is void."""
        (handover,) = await load(connection, [subject_id], lock=True)
        keys = await load_keys(connection, [handover.key_id], self.sealer)
        if handover.key_id not in keys:  # erased meanwhile: nothing is left to be put right
            return
        indexes = index_identity(identity, self.sealer)
        corrected = replace(
            handover,
            document_index=indexes.document,
            number_index=indexes.number,
            person_index=indexes.person,
            **seal_identity(identity, keys[handover.key_id]),
        )
        await replace_identities(connection, [corrected])
        if handover.state in _TO_BE_LOOKED_UP_AGAIN or handover.state == State.HELD:
            await enqueue(connection, LOOK, [subject_id], now)


def _held(handover: Handover, key: DataKey) -> Held:
    identity = handover.identity(key)
    return Held(key, identity, handover.number(key) or identity.number)
