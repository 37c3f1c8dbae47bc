"""A unit takes back what it told: undecided corrections end, confirmed ones are to be undone.

Undoing is for the county to decide like everything else: the notice's opposite is put before it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Log
from gateway.sealing import Sealer, load_keys
from gateway.verification.notices.notice import (
    Correction,
    corrections_of,
    ended,
    open_notice,
    store_correction,
)
from gateway.verification.notices.rules import PENDING, State
from gateway.verification.notices.tables import identity_notices
from gateway.verification.notices.taking import Met, Taking
from gateway.verification.problems.findings import clear_findings
from gateway.verification.problems.rules.classes import ProblemClass

_notices = identity_notices.c
_Row = Row[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """What it takes to take notices back."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    log: Log
    taking: Taking

    async def withdraw(
        self,
        connection: AsyncConnection,
        grant: Grant,
        receipt_id: str,
        places: Collection[int],
        remark: str,
    ) -> int:
        """How many notices of the receipt are taken back now or were before; 0: no such receipt.

        All of them, where no places are named.
        """
        mine = (_notices.receipt_id == receipt_id) & (_notices.unit == grant.institution)
        query = select(identity_notices).where(mine, _notices.takes_back.is_(None))
        if places:
            query = query.where(_notices.place.in_(sorted(places)))
        rows = (await connection.execute(query.order_by(_notices.place).with_for_update())).all()
        for row in rows:
            if row.withdrawn_at is None:
                await self._withdraw(connection, grant, row, remark, self.clock.now())
        return len(rows)

    async def _withdraw(
        self, connection: AsyncConnection, grant: Grant, row: _Row, remark: str, now: datetime
    ) -> None:
        corrections = await corrections_of(connection, row.notice_id)
        pending = [one for one in corrections if one.state in PENDING]
        for one in pending:
            await store_correction(connection, ended(one, State.WITHDRAWN, grant.user, now))
        revealed = [(one.subject_id, ProblemClass.DOCUMENT_CHANGED.value, "") for one in pending]
        await clear_findings(connection, revealed, now)
        confirmed = [one for one in corrections if one.state is State.CONFIRMED]
        if confirmed:
            await self._undo(connection, grant, row, confirmed, now)
        mine = _notices.notice_id == row.notice_id
        taken = {"withdrawn_at": now, "withdrawn_by": grant.user}
        await connection.execute(update(identity_notices).where(mine).values(taken))
        told = {"receipt": row.receipt_id, "remark": remark}
        entry = grant.entry(Action.NOTICE_WITHDRAWN, "withdrawn", row.notice_id, **told)
        await self.log.append(connection, [entry])

    async def _undo(
        self,
        connection: AsyncConnection,
        grant: Grant,
        row: _Row,
        confirmed: Sequence[Correction],
        now: datetime,
    ) -> None:
        keys = await load_keys(connection, [row.key_id], self.sealer)
        if row.key_id not in keys:  # erased meanwhile
            return
        opposite = open_notice(row.sealed_notice, keys[row.key_id]).opposite
        await self.taking.keep(
            connection,
            grant,
            (row.receipt_id, row.place),
            opposite,
            [Met(one.subject_id, one.key_id, one.school, one.area) for one in confirmed],
            now,
            takes_back=row.notice_id,
        )
