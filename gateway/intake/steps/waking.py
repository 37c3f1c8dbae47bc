"""What a register's change means to handovers: those that wait for it are looked at again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Change
from contracts.records import Identity, PreschoolRecord, PrimaryRecord
from gateway.among import among, parameter
from gateway.calls.exchange import PURPOSE, WORKER
from gateway.clock import Clock
from gateway.intake.handover import load
from gateway.intake.moves import Because, Move, Moves
from gateway.intake.rules.states import Event, Hold, State
from gateway.intake.steps.carrying import CARRY
from gateway.intake.steps.looking import LOOK
from gateway.intake.tables import candidates, handovers
from gateway.leases import enqueue
from gateway.people.indexes import index_identity
from gateway.people.numbers import NUMBER, NumbersCollide, People
from gateway.sealing import Sealer, load_keys

# What a register's change may alter: a hold, an offer nobody confirmed yet, a child not found.
_WAITING = (State.HELD, State.OFFERED, State.CREATE_NEW)
_NAMED = parameter("indexes")
_MATCHED = select(candidates.c.handover_id).where(
    or_(among(candidates.c.number_index, _NAMED), among(candidates.c.document_index, _NAMED))
)
_WAITING_FOR = (
    select(handovers.c.handover_id, handovers.c.hold)
    .where(among(handovers.c.state, parameter("states")))
    .where(
        or_(
            among(handovers.c.document_index, _NAMED),
            among(handovers.c.number_index, _NAMED),
            handovers.c.handover_id.in_(_MATCHED),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Waking:
    """Applies the changes of both registers."""

    sealer: Sealer
    clock: Clock
    people: People
    moves: Moves

    async def preschool(
        self, connection: AsyncConnection, changes: Sequence[Change[PreschoolRecord]]
    ) -> None:
        """Follow number changes, and wake whoever waits for one of these records."""
        await self._renumber(connection, changes, "preschool")
        indexes = self._indexes(changes)
        waiting = await waiting_for(connection, indexes)
        await self._wake(connection, waiting)

    async def students(
        self, connection: AsyncConnection, changes: Sequence[Change[PrimaryRecord]]
    ) -> None:
        """The same for primary records; one that a school created for its child ends that wait."""
        await self._renumber(connection, changes, "student_status")
        waiting = await waiting_for(connection, self._indexes(changes))
        created = await self._created(connection, changes)
        await self._wake(connection, {i: s for i, s in waiting.items() if i not in created})

    async def _renumber(
        self,
        connection: AsyncConnection,
        changes: Sequence[Change[PreschoolRecord]] | Sequence[Change[PrimaryRecord]],
        system: str,
    ) -> None:
        for change in changes:
            new = change.record.child.identity.number
            if not change.previous_number or not new or new == change.previous_number:
                continue
            try:
                person = await self.people.renumber(
                    connection,
                    change.previous_number,
                    new,
                    at=change.occurred_at,
                    reason=f"{change.previous_number[0]}_to_{new[0]}",
                    decider=system,
                )
            except NumbersCollide:
                # Two persons known apart are never merged by machine; the chains stay as they are.
                continue
            if person is not None:
                entry = person.entry(self.sealer, WORKER, PURPOSE)
                await self.moves.log.append(connection, [entry])

    def _indexes(
        self, changes: Sequence[Change[PreschoolRecord]] | Sequence[Change[PrimaryRecord]]
    ) -> set[str]:
        identities: list[Identity] = [change.record.child.identity for change in changes]
        named = {i for one in identities for i in index_identity(one, self.sealer).identifying}
        previous = [change.previous_number for change in changes if change.previous_number]
        return named | {self.sealer.index(NUMBER, number) for number in previous}

    async def _created(
        self, connection: AsyncConnection, changes: Sequence[Change[PrimaryRecord]]
    ) -> set[str]:
        now = self.clock.now()
        by_child: dict[tuple[str, str], PrimaryRecord] = {}
        for change in changes:
            if change.record.live:
                for index in index_identity(change.record.child.identity, self.sealer).identifying:
                    by_child[change.record.school, index] = change.record
        waiting = await waiting_for(connection, {i for _, i in by_child}, (State.CREATE_NEW,))
        loaded = await load(connection, waiting, lock=True)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        moves = []
        for handover in loaded:
            indexes = (handover.document_index, handover.number_index)
            records = [by_child.get((handover.school, i)) for i in indexes if i]
            record = next((r for r in records if r is not None), None)
            if record is None or handover.key_id not in keys:
                continue
            number, key = record.child.identity.number, keys[handover.key_id]
            after = replace(
                handover.moved(Event.CREATE, now),
                create_receipt=record.record_id,
                sealed_number=key.seal(number.encode(), "number") if number else None,
            )
            moves.append(Move(handover, after))
        await self.moves.commit(connection, moves, keys, Because(reason="register"))
        return {move.after.handover_id for move in moves}

    async def _wake(self, connection: AsyncConnection, waiting: Mapping[str, str | None]) -> None:
        now = self.clock.now()
        closing = [i for i, hold in waiting.items() if hold == Hold.CLOSING_REFUSED]
        await enqueue(connection, CARRY, closing, now)
        looking = [i for i in waiting if i not in closing]
        await enqueue(connection, LOOK, looking, now)


async def waiting_for(
    connection: AsyncConnection, indexes: Iterable[str], states: Collection[State] = _WAITING
) -> dict[str, str | None]:
    """The handovers in these states that one of these indexes names, with their hold reason."""
    wanted = {"indexes": sorted(indexes), "states": [state.value for state in states]}
    return {row.handover_id: row.hold for row in await connection.execute(_WAITING_FOR, wanted)}
