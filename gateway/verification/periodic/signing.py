"""A roster is gone through child by child, confirmed, signed by another person, or sent back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Log
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.periodic.differing import Noting
from gateway.verification.periodic.roster import (
    Child,
    Roster,
    load_children,
    load_roster,
    seal_reason,
    store_roster,
)
from gateway.verification.periodic.round import load_round
from gateway.verification.periodic.rules import (
    Presence,
    Refusal,
    Refused,
    RosterState,
    RoundState,
)
from gateway.verification.periodic.tables import periodic_children

_children = periodic_children.c
_MARK = (
    update(periodic_children)
    .where(
        _children.roster_id == bindparam("this_roster"), _children.place == bindparam("this_place")
    )
    .values(presence=bindparam("new_presence"), sealed_reason=bindparam("new_reason"))
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody who looked found of the child at a place."""

    place: int
    presence: Presence
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Signing:
    """What it takes to go through a roster."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    log: Log
    noting: Noting

    async def mark(
        self, connection: AsyncConnection, grant: Grant, roster_id: str, marks: Sequence[Mark]
    ) -> Roster:
        """The roster with these marks; the last word about a child counts."""
        roster, key = await self._open(connection, roster_id, RosterState.OPEN)
        wanted = {mark.place for mark in marks}
        query = select(_children.place).where(_children.roster_id == roster_id)
        if wanted - set((await connection.execute(query)).scalars()):
            raise Refused(Refusal.UNKNOWN_PLACE)
        await connection.execute(_MARK, [_marked(roster_id, mark, key) for mark in marks])
        told = {"marks": str(len(marks))}
        return await self._store(connection, grant, roster, Action.ROSTER_MARKED, told)

    async def confirm(self, connection: AsyncConnection, grant: Grant, roster_id: str) -> Roster:
        """The roster before the leader; every child was looked at."""
        roster, key = await self._open(connection, roster_id, RosterState.OPEN)
        children = await load_children(connection, roster, key)
        if not children or any(child.presence is None for child in children):
            raise Refused(Refusal.UNMARKED)
        confirmed = replace(roster, state=RosterState.CONFIRMED, confirmed_by=grant.user)
        return await self._store(connection, grant, confirmed, Action.ROSTER_CONFIRMED, {})

    async def reject(
        self, connection: AsyncConnection, grant: Grant, roster_id: str, remark: str
    ) -> Roster:
        """The roster back with the clerk."""
        roster, _ = await self._open(connection, roster_id, RosterState.CONFIRMED)
        again = replace(roster, state=RosterState.OPEN, confirmed_by=None)
        return await self._store(
            connection, grant, again, Action.ROSTER_REJECTED, {"remark": remark}
        )

    async def sign(self, connection: AsyncConnection, grant: Grant, roster_id: str) -> Roster:
        """The signed roster; what differs is noted and becomes problem records."""
        roster, key = await self._open(connection, roster_id, RosterState.CONFIRMED)
        if grant.user in (roster.confirmed_by, roster.listed_by):
            raise Refused(Refusal.SAME_PERSON)
        children = await load_children(connection, roster, key)
        signed = replace(roster, state=RosterState.SIGNED, signed_by=grant.user)
        now = self.clock.now()
        differing = await self.noting.note_roster(connection, signed, children, now)
        told = {"children": str(len(children)), "differing": str(differing)}
        return await self._store(connection, grant, signed, Action.ROSTER_SIGNED, told)

    async def children(
        self, connection: AsyncConnection, roster: Roster, after: int, limit: int
    ) -> list[Child]:
        """A page of a roster's children; none once they were destroyed."""
        keys = await load_keys(connection, [roster.key_id], self.sealer)
        if roster.key_id not in keys:
            return []
        return await load_children(connection, roster, keys[roster.key_id], after, limit)

    async def _open(
        self, connection: AsyncConnection, roster_id: str, state: RosterState
    ) -> tuple[Roster, DataKey]:
        roster = await load_roster(connection, roster_id, lock=True)
        if roster is None or roster.state is not state:
            raise Refused(Refusal.NOT_YOUR_TURN)
        # Locked, so that a round cannot close while one of its rosters is being signed.
        begun = await load_round(connection, roster.round_id, lock=True)
        keys = await load_keys(connection, [roster.key_id], self.sealer)
        if begun is None or begun.state is not RoundState.RUNNING or roster.key_id not in keys:
            raise Refused(Refusal.NOT_RUNNING)
        return roster, keys[roster.key_id]

    async def _store(
        self,
        connection: AsyncConnection,
        grant: Grant,
        roster: Roster,
        action: Action,
        told: Mapping[str, str],
    ) -> Roster:
        stored = await store_roster(connection, replace(roster, updated_at=self.clock.now()))
        version = {"version": str(stored.version), **told}
        entry = grant.entry(action, stored.state.value, stored.roster_id, **version)
        await self.log.append(connection, [entry])
        return stored


def _marked(roster_id: str, mark: Mark, key: DataKey) -> dict[str, object]:
    return {
        "this_roster": roster_id,
        "this_place": mark.place,
        "new_presence": mark.presence.value,
        "new_reason": seal_reason(mark.reason, key),
    }
