"""The chore of corrections: those past their day go up the county's line."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.call import PURPOSE, WORKER
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Entry, Log
from gateway.office_hours import OFFICE_TIME
from gateway.verification.notices.notice import Correction, load_corrections, store_correction
from gateway.verification.notices.tables import identity_corrections
from gateway.verification.notices.taking import DECIDED_WITHIN
from gateway.verification.problems.rules.wordings import above
from gateway.working_days import WorkingDays

AT_ONCE = 200
_columns = identity_corrections.c


@dataclass(frozen=True, slots=True)
class Chasing:
    """Watches the days by which corrections are to be decided."""

    database: Database
    clock: Clock
    log: Log
    working_days: WorkingDays

    async def run(self) -> None:
        """Have the office above answer for every correction that is past its day."""
        today = self.clock.now().astimezone(OFFICE_TIME).date()
        while await self._escalate(today):
            pass

    async def _escalate(self, today: date) -> int:
        late = select(_columns.correction_id).where(_columns.due_on < today.isoformat())
        due_on = self.working_days.after(today, DECIDED_WITHIN).isoformat()
        async with self.database.transaction() as connection:
            ids = (await connection.execute(late.limit(AT_ONCE))).scalars().all()
            for correction in await load_corrections(connection, ids, lock=True):
                await self._move(connection, correction, due_on)
            return len(ids)

    async def _move(self, connection: AsyncConnection, correction: Correction, due_on: str) -> None:
        later = replace(
            correction,
            owner=above(correction.owner, correction.area),
            due_on=due_on,
            escalations=correction.escalations + 1,
        )
        await self.log.append(connection, [_escalated(await store_correction(connection, later))])


def _escalated(correction: Correction) -> Entry:
    return Entry(
        action=Action.NOTICE_ESCALATED,
        outcome=correction.owner,
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case="",
        object_ref=correction.correction_id,
        request_id=correction.correction_id,
    )
