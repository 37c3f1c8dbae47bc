"""The chores of rounds: schools past their day go up a line, old rosters are destroyed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.call import WORKER
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Entry, Log
from gateway.office_hours import OFFICE_TIME
from gateway.sealing import data_keys, destroy_key
from gateway.verification.periodic.closing import all_signed
from gateway.verification.periodic.rules import RoundState
from gateway.verification.periodic.tables import (
    periodic_rosters,
    periodic_rounds,
    periodic_schools,
)
from gateway.verification.problems.rules.wordings import above
from gateway.working_days import WorkingDays

AT_ONCE = 500
_DAYS_OF_AN_OFFICE = 5  # working days each office above has, before the next one is asked

_schools, _rounds, _rosters = periodic_schools.c, periodic_rounds.c, periodic_rosters.c


@dataclass(frozen=True, slots=True)
class Chasing:
    """Watches the days by which rosters are to be signed."""

    database: Database
    clock: Clock
    log: Log
    working_days: WorkingDays

    async def run(self) -> None:
        """Have the office above answer for every school that is past its day."""
        today = self.clock.now().astimezone(OFFICE_TIME).date()
        while await self._escalate(today):
            pass

    async def _escalate(self, today: date) -> int:
        running = _rounds.state == RoundState.RUNNING.value
        query = (
            select(periodic_schools, _rounds.case, _rounds.trace_id)
            .join(periodic_rounds, _rounds.round_id == _schools.round_id)
            .where(running, _schools.due_on < today.isoformat())
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            late = (await connection.execute(query)).all()
            finished = {row.round_id: await _finished(connection, row.round_id) for row in late}
            for row in late:
                await self._move(connection, row, today, done=row.school in finished[row.round_id])
            return len(late)

    async def _move(
        self, connection: AsyncConnection, row: Row[Any], today: date, *, done: bool
    ) -> None:
        """One line up; whoever has finished, or has nobody above, is not looked at again."""
        mine = (_schools.round_id == row.round_id) & (_schools.school == row.school)
        owner = above(row.owner, row.area)
        if done or owner == row.owner:
            await connection.execute(update(periodic_schools).where(mine).values(due_on=None))
            return
        due_on = self.working_days.after(today, _DAYS_OF_AN_OFFICE).isoformat()
        moved = {"owner": owner, "due_on": due_on, "escalations": row.escalations + 1}
        await connection.execute(update(periodic_schools).where(mine).values(moved))
        await self.log.append(connection, [_escalated(row, owner)])


@dataclass(frozen=True, slots=True)
class DestroyingRosters:
    """Destroys the rosters of rounds that closed long enough ago; counts and evidence stay."""

    database: Database
    clock: Clock
    kept_days: int

    async def run(self) -> None:
        """Destroy a few hundred; the rest has its turn next time."""
        now = self.clock.now()
        before = now - timedelta(days=self.kept_days)
        query = (
            select(_rosters.key_id)
            .join(periodic_rounds, _rounds.round_id == _rosters.round_id)
            .join(data_keys, data_keys.c.key_id == _rosters.key_id)
            .where(_rounds.closed_at <= before, data_keys.c.wrapped.is_not(None))
            .limit(AT_ONCE)
        )
        async with self.database.transaction() as connection:
            for key_id in (await connection.execute(query)).scalars().all():
                await destroy_key(connection, key_id, now)


async def _finished(connection: AsyncConnection, round_id: str) -> frozenset[str]:
    return frozenset((await connection.execute(all_signed(round_id))).scalars())


def _escalated(row: Row[Any], owner: str) -> Entry:
    return Entry(
        action=Action.PERIODIC_ESCALATED,
        outcome=owner,
        actor=WORKER,
        purpose="supervision",
        basis="",
        case=row.case,
        object_ref=row.round_id,
        request_id=row.trace_id,
        content={"school": row.school},
    )
