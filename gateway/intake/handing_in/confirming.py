"""The county confirms a list (录取确认): from then on its children may be looked up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.evidence import Action
from gateway.intake.handover import Handover, load
from gateway.intake.moves import Because, Move, Moves
from gateway.intake.rules.entering import enter
from gateway.intake.rules.states import Event, Hold, State
from gateway.intake.steps.looking import LOOK
from gateway.intake.tables import handovers, intake_rows, intakes
from gateway.leases import enqueue
from gateway.sealing import Sealer, load_keys, unerased

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Confirming:
    """Confirms lists."""

    sealer: Sealer
    clock: Clock
    moves: Moves

    async def confirm(
        self, connection: AsyncConnection, intake_id: str, reference: str, because: Because
    ) -> int:
        """Confirm every child of the list; how many that released. Twice is the same as once."""
        now = self.clock.now()
        await connection.execute(
            update(intakes)
            .where(intakes.c.intake_id == intake_id, intakes.c.confirmed_at.is_(None))
            .values(confirmed_at=now, confirmation_reference=reference)
        )
        await self.moves.log.append(
            connection,
            [replace(because, action=Action.INTAKE_CONFIRMED).entry("confirmed", intake_id, "")],
        )
        await connection.execute(
            update(handovers)
            .where(handovers.c.handover_id.in_(_of(intake_id)))
            .values(confirmed=True)
        )
        released = 0
        while ids := await _unconfirmed(connection, intake_id):
            await self._release(connection, ids, because)
            released += len(ids)
        return released

    async def _release(
        self, connection: AsyncConnection, ids: Sequence[str], because: Because
    ) -> None:
        now = self.clock.now()
        loaded = await load(connection, ids, lock=True)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        moves = [Move(h, enter(h.moved(Event.CONFIRM_LIST, now), now)) for h in loaded]
        stored: list[Handover] = await self.moves.commit(connection, moves, keys, because)
        searching = [h.handover_id for h in stored if h.state == State.SEARCHING]
        await enqueue(connection, LOOK, searching, now)


def _of(intake_id: str) -> Select[str]:
    return select(intake_rows.c.handover_id).where(intake_rows.c.intake_id == intake_id)


async def _unconfirmed(connection: AsyncConnection, intake_id: str) -> Sequence[str]:
    query = (
        select(handovers.c.handover_id)
        .where(handovers.c.handover_id.in_(_of(intake_id)))
        .where(handovers.c.hold == Hold.ADMISSION_UNCONFIRMED.value)
        .where(unerased(handovers.c.key_id))
        .limit(AT_ONCE)
    )
    return (await connection.execute(query)).scalars().all()
