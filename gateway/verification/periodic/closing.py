"""A round closes: records are held against the rosters of schools that signed all of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.calls.call import WORKER
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Entry, Log
from gateway.leases import enqueue, finish, lease, postpone
from gateway.verification.periodic.differing import Noting
from gateway.verification.periodic.round import Round, load_round, move, records_within
from gateway.verification.periodic.rules import Refusal, Refused, RosterState, RoundState
from gateway.verification.periodic.tables import (
    periodic_children,
    periodic_rosters,
    periodic_rounds,
)
from gateway.verification.problems.holdings import Holdings

CLOSE = "periodic_close"
LEASE_SECONDS = 120.0
AT_ONCE = 500

_children, _rosters, _rounds = periodic_children.c, periodic_rosters.c, periodic_rounds.c


@dataclass(frozen=True, slots=True)
class Closing:
    """What it takes to close a round; the records are gone through by the worker, resumably."""

    database: Database
    clock: Clock
    log: Log
    holdings: Holdings
    noting: Noting

    async def close(self, connection: AsyncConnection, grant: Grant, round_id: str) -> Round:
        """The round that is closing; a second time changes nothing."""
        begun = await load_round(connection, round_id, lock=True)
        if begun is None:
            raise Refused(Refusal.NOT_RUNNING)
        if begun.state is not RoundState.RUNNING:
            return begun
        await move(connection, round_id, RoundState.CLOSING, closing_after="")
        await enqueue(connection, CLOSE, [round_id], self.clock.now())
        entry = grant.entry(Action.PERIODIC_CLOSED, "closing", round_id)
        await self.log.append(connection, [entry])
        closing = await load_round(connection, round_id)
        return closing or begun

    async def step(self) -> int:
        """Hold a few hundred records of one closing round against its rosters; 0 where none is."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            leases = await lease(connection, CLOSE, 1, now, LEASE_SECONDS)
            if not leases:
                return 0
            if await self._more(connection, leases[0].subject_id, now):
                await postpone(connection, leases, now, attempted=False)
            else:
                await finish(connection, leases)
        return 1

    async def _more(self, connection: AsyncConnection, round_id: str, now: datetime) -> bool:
        begun = await load_round(connection, round_id, lock=True)
        if begun is None or begun.state is not RoundState.CLOSING:
            return False
        missing = await self._missing(connection, begun)
        await self.noting.note_missing(connection, round_id, missing, now)
        if len(missing) == AT_ONCE:
            last = missing[-1].subject_id
            await move(connection, round_id, RoundState.CLOSING, closing_after=last)
            return True
        await move(connection, round_id, RoundState.CLOSED, closed_at=now)
        await self.log.append(connection, [_closed(begun)])
        return False

    async def _missing(
        self, connection: AsyncConnection, begun: Round
    ) -> Sequence[Row[tuple[Any, ...]]]:
        mine = select(_rounds.closing_after).where(_rounds.round_id == begun.round_id)
        after = (await connection.execute(mine)).scalar_one() or ""
        held, inside = records_within(self.holdings, begun.reach)
        listed = exists().where(
            _children.round_id == begun.round_id, _children.subject_id == held.c.subject_id
        )
        query = (
            select(held)
            .where(inside, held.c.subject_id > after, not_(listed))
            .where(held.c.school.in_(all_signed(begun.round_id)))
        )
        page = query.order_by(held.c.subject_id).limit(AT_ONCE)
        return (await connection.execute(page)).all()


def all_signed(round_id: str) -> Select[str]:
    """The schools that have handed in rosters and signed every one of them, as a query."""
    signed = _rosters.state == RosterState.SIGNED.value
    mine = _rosters.round_id == round_id
    unsigned = select(_rosters.school).where(mine, not_(signed))
    return select(_rosters.school).where(mine, signed, _rosters.school.not_in(unsigned)).distinct()


def _closed(begun: Round) -> Entry:
    return Entry(
        action=Action.PERIODIC_CLOSED,
        outcome="closed",
        actor=WORKER,
        purpose="supervision",
        basis="",
        case=begun.case,
        object_ref=begun.round_id,
        request_id=begun.trace_id,
    )
