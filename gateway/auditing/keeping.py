"""Keeping evidence longer, and letting go of it: holds on a child, expiry, what erasing must ask.

A hold on a child is one on every reference the evidence knows it by. As a child gains references
with each passage, holds are brought up to date before anything is let go.
"""

from dataclasses import dataclass, replace

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.persons import person
from gateway.among import among
from gateway.auditing.packing import NotApproved
from gateway.auditing.trails import Named, trail_from, trail_of
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Entry, Log
from gateway.evidence.retaining.expiring import Expiring
from gateway.evidence.retaining.holding import (
    HoldKind,
    Order,
    hold_values,
    list_holds,
    place,
    release,
    require_free,
    values_of,
)
from gateway.evidence.tables import entry_subjects
from gateway.identifiers import Identifiers
from gateway.people.erasing import Known
from gateway.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Keeping:
    """What holding and letting go needs."""

    database: Database
    sealer: Sealer
    clock: Clock
    identifiers: Identifiers
    log: Log
    expiring: Expiring

    async def hold_child(self, named: Named, entry: Entry) -> str:
        """The id of a hold on everything about a child; raise `NotApproved`."""
        async with self.database.transaction() as connection:
            trail = await trail_of(connection, self.sealer, named)
            values = trail.refs | {named.index(self.sealer)}
            return await self._place(connection, HoldKind.CHILD, values, entry)

    async def hold_case(self, case: str, entry: Entry) -> str:
        """The id of a hold on everything about a case, or about anybody where none is named."""
        async with self.database.transaction() as connection:
            kind, values = (HoldKind.CASE, {case}) if case else (HoldKind.ALL, set[str]())
            return await self._place(connection, kind, frozenset(values), entry)

    async def release(self, hold_id: str, entry: Entry) -> None:
        """End a hold; raise `NotApproved` or `NoSuchHold`."""
        order = _order(entry)
        async with self.database.transaction() as connection:
            kind = await release(connection, hold_id, order, self.clock.now())
            released = replace(
                entry,
                action=Action.HOLD_RELEASED,
                outcome="released",
                object_ref=hold_id,
                content={"kind": kind.value},
            )
            await self.log.append(connection, [released])

    async def expire(self, entry: Entry) -> int:
        """Let go of what is past its time and on no hold; how many particulars."""
        async with self.database.transaction() as connection:
            await self._follow(connection)
        return await self.expiring.run(entry)

    async def erase_details(self, connection: AsyncConnection, known: Known) -> set[str]:
        """Let go of all particulars of a child that is being erased; raise `OnHold`.

        Those sealed under a key it shares with others, as a batch's, would outlive its own keys.
        No key is named: the rooms that made them do that.
        """
        await self._follow(connection)
        indexes = frozenset(known.numbers | known.persons)
        trail = await trail_from(connection, self.sealer, indexes)
        refs = trail.refs | {self.sealer.index("child", each) for each in known.persons}
        await require_free(connection, refs)
        theirs = among(entry_subjects.c.ref, refs)
        await connection.execute(update(entry_subjects).where(theirs).values(sealed=None))
        return set()

    async def _place(
        self, connection: AsyncConnection, kind: HoldKind, values: frozenset[str], entry: Entry
    ) -> str:
        hold_id, order = self.identifiers(), _order(entry)
        await place(connection, hold_id, kind, values, order, self.clock.now())
        placed = replace(
            entry,
            action=Action.HOLD_PLACED,
            outcome="placed",
            object_ref=hold_id,
            content={"kind": kind.value},
        )
        await self.log.append(connection, [placed])
        return hold_id

    async def _follow(self, connection: AsyncConnection) -> None:
        """Have each hold on a child hold what the child is known by today."""
        for hold in await list_holds(connection, standing=True):
            if hold.kind is HoldKind.CHILD:
                known = await values_of(connection, hold.hold_id)
                trail = await trail_from(connection, self.sealer, known)
                await hold_values(connection, hold.hold_id, trail.refs - known)


def _order(entry: Entry) -> Order:
    """Who orders it and who approved it, two persons; raise `NotApproved`."""
    by = entry.actor.user
    if not entry.approval or person(entry.approver) in ("", person(by)):
        raise NotApproved
    return Order(by, entry.approver, entry.approval)
