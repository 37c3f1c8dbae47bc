"""Settling lanes' turns: what came of those of a group is kept in one transaction.

Each is fenced by its own lease. Where one was lost, or cannot be kept for another reason, nothing
of the group is, and each is settled alone: what fails then is one lane's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.pushing.faring import Faring
from gateway.feed.pushing.gathering import Asked
from gateway.feed.pushing.keeping import (
    Keeping,
    Sent,
    Went,
    lock_subscriptions,
    settle_acknowledged,
)
from gateway.feed.pushing.planning import View
from gateway.feed.pushing.schedule import Schedule
from gateway.holdings import give_back, hold_on, require_held
from gateway.leases import Lease, finish

LEASE_SECONDS = 60.0  # longer than an attempt may last


class Then(StrEnum):
    """What the lane does after its turn."""

    GOES_ON = "goes_on"
    RESTS = "rests"  # until there is something to do; what came meanwhile makes it due
    YIELDS = "yields"  # to others whose turn it is


@dataclass(frozen=True, slots=True)
class Turn:
    """One lane's turn: how it stood, what it sent, and what it does then; `view` None: it ends."""

    held: Lease
    view: View | None
    then: Then
    sent: tuple[Sent, ...] = ()

    def due(self, went: Went | None, now: datetime) -> datetime | None:
        """When the lane that lets go is due again, if ever."""
        if self.then is Then.YIELDS:
            return now
        if self.view is None:
            return None
        return (replace(self.view, standing=went.standing) if went else self.view).wakes_at


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles all turns that are over at a time; the answer is why a lane was suspended, if so."""

    database: Database
    clock: Clock
    schedule: Schedule
    keeping: Keeping
    chance: Callable[[], float]

    async def settle(self, turns: Sequence[Asked[Turn, str]]) -> None:
        """Answer each once its turn is committed; refuse with `LeaseLost` whose lane was lost."""
        try:
            await self._settle_together(turns)
        except Exception:
            if len(turns) == 1:
                raise
            for turn in turns:
                await self._settle_alone(turn)

    async def _settle_alone(self, turn: Asked[Turn, str]) -> None:
        try:
            await self._settle_together([turn])
        except Exception as fault:  # its own
            turn.refuse(fault)

    async def _settle_together(self, asked: Sequence[Asked[Turn, str]]) -> None:
        turns = sorted((one.what for one in asked), key=lambda turn: turn.held.subject_id)
        async with self.database.transaction() as connection:
            await lock_subscriptions(connection, [turn.held.subject_id for turn in turns])
            went = await self._keep(connection, turns)
            await require_held(connection, [turn.held for turn in turns])
            await self._let_go(connection, turns, went)
        for one in asked:
            kept = went.get(one.what.held.subject_id)
            one.answer(kept.suspended if kept else "")

    async def _keep(self, connection: AsyncConnection, turns: Sequence[Turn]) -> dict[str, Went]:
        """What came of the lanes that sent something, written; by their subscriptions."""
        went, now = dict[str, Went](), self.clock.now()
        for turn in turns:
            if turn.view is not None:
                await settle_acknowledged(connection, turn.view)
            if turn.view is not None and turn.sent:
                faring = Faring(self.schedule, now, self.chance())
                lane = await self.keeping.follow(connection, turn.view, turn.sent, faring)
                went[turn.held.subject_id] = lane
        await self.keeping.keep(connection, went)
        return went

    async def _let_go(
        self, connection: AsyncConnection, turns: Sequence[Turn], went: Mapping[str, Went]
    ) -> None:
        """Hold on to the lanes that go on; give back those that rest, end those that have to."""
        now = self.clock.now()
        until = now + timedelta(seconds=LEASE_SECONDS)
        going = [turn.held for turn in turns if turn.then is Then.GOES_ON]
        dues = [
            (turn.held, turn.due(went.get(turn.held.subject_id), now))
            for turn in turns
            if turn.then is not Then.GOES_ON
        ]
        await hold_on(connection, going, until)
        await give_back(connection, [(held, due) for held, due in dues if due is not None])
        await finish(connection, [held for held, due in dues if due is None])
