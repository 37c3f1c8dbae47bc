"""The chore that watches the clocks: reports missed, turns overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action
from gateway.intake.claiming import release
from gateway.intake.handover import Handover, load, store
from gateway.intake.moves import Because, Move, Moves
from gateway.intake.places import load_places
from gateway.intake.rules.states import Event, State
from gateway.intake.tables import handovers
from gateway.office_hours import OFFICE_TIME
from gateway.sealing import Sealer, load_keys, unerased

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Moves what nobody reported, and escalates what nobody did."""

    database: Database
    sealer: Sealer
    clock: Clock
    moves: Moves
    reporting_deadline: date | None

    async def check(self) -> None:
        """Act on every deadline that has passed, a few hundred handovers a transaction."""
        while await self._miss() or await self._escalate():
            pass

    async def _miss(self) -> int:
        today = self._today()
        if self.reporting_deadline is None or today <= self.reporting_deadline:
            return 0
        async with self.database.transaction() as connection:
            # Without those erased: nothing is moved of them, and they would fill every page.
            query = select(handovers.c.handover_id).where(
                handovers.c.state == State.LISTED.value, unerased(handovers.c.key_id)
            )
            listed = await self._load(connection, query.limit(AT_ONCE))
            now = self.clock.now()
            keys = await load_keys(connection, [h.key_id for h in listed], self.sealer)
            moves = [
                Move(h, h.moved(Event.MISS_DEADLINE, now))
                for h in listed
                if h.state == State.LISTED and h.key_id in keys
            ]
            await self.moves.commit(connection, moves, keys, Because(reason="reporting_deadline"))
            await release(connection, [move.after.handover_id for move in moves])
            return len(moves)

    async def _escalate(self) -> int:
        today = self._today()
        async with self.database.transaction() as connection:
            # One that is being looked at again shows its own situation again in a moment.
            query = select(handovers.c.handover_id).where(
                handovers.c.due_on < today.isoformat(), handovers.c.state != State.SEARCHING.value
            )
            overdue = await self._load(connection, query.limit(AT_ONCE))
            codes = {handover.owner.partition(":")[2] for handover in overdue}
            places = await load_places(connection, codes)
            turns = self.moves.turns
            escalated = [turns.escalate(handover, places, today) for handover in overdue]
            await store(connection, escalated)
            await self._record(connection, escalated)
            return len(escalated)

    async def _record(self, connection: AsyncConnection, escalated: Sequence[Handover]) -> None:
        because = Because(action=Action.HANDOVER_ESCALATED)
        entries = [because.entry(h.owner, h.handover_id, h.case_reference) for h in escalated]
        await self.moves.log.append(connection, entries)

    async def _load(self, connection: AsyncConnection, query: Select[str]) -> list[Handover]:
        ids = (await connection.execute(query)).scalars().all()
        return await load(connection, ids, lock=True)

    def _today(self) -> date:
        return self.clock.now().astimezone(OFFICE_TIME).date()
