"""The desk behind the snapshot door: whose snapshot it is, and what of it is handed over."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.feed.snapshots.asking import ask_for, file_context
from gateway.feed.snapshots.tables import snapshot_files, snapshots
from gateway.feed.subscribing.secrets import load_key
from gateway.feed.subscribing.subscription import (
    NoSubscription,
    State,
    Subscription,
    load_subscription,
)
from gateway.sealing import Sealer

_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the door needs; what is absent, another's, stopped or not ready is refused alike."""

    database: Database
    sealer: Sealer = field(repr=False)
    clock: Clock
    log: Log
    access: Access
    new_id: Callable[[], str]

    async def ask(self, grant: Grant, subscription_id: str) -> _Row:
        """The snapshot that is being taken, asked for now or a moment ago."""
        await self._own(grant, subscription_id)
        async with self.database.transaction() as connection:
            now = self.clock.now()
            found, new = await ask_for(connection, subscription_id, self.new_id(), now)
            if new:
                entry = grant.entry(Action.SNAPSHOT_TAKEN, "asked", subscription_id, snapshot=found)
                await self.log.append(connection, [entry])
        return await self.find(grant, subscription_id, found)

    async def find(self, grant: Grant, subscription_id: str, snapshot_id: str) -> _Row:
        """The subscription's snapshot as it stands."""
        await self._own(grant, subscription_id)
        query = select(snapshots).where(
            snapshots.c.subscription_id == subscription_id,
            snapshots.c.snapshot_id == snapshot_id,
            snapshots.c.kept_until > self.clock.now(),
        )
        async with self.database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return row if row is not None else await self.access.refuse(grant, "absent")

    async def file(self, grant: Grant, subscription_id: str, snapshot_id: str, place: int) -> bytes:
        """One file's bytes, once its handing over is on record."""
        subscription = await self._own(grant, subscription_id)
        await self.find(grant, subscription_id, snapshot_id)
        mine = (snapshot_files.c.snapshot_id == snapshot_id) & (snapshot_files.c.place == place)
        async with self.database.reading() as connection:
            sealed = await connection.scalar(select(snapshot_files.c.sealed).where(mine))
            key = await load_key(connection, subscription, self.sealer)
        if sealed is None:
            return await self.access.refuse(grant, "absent")
        content = {"snapshot": snapshot_id, "file": str(place)}
        entry = grant.entry(Action.SNAPSHOT_FETCHED, "told", subscription_id, **content)
        async with self.database.transaction() as connection:
            await self.log.append(connection, [entry])
        return key.open(sealed, file_context(snapshot_id, place))

    async def _own(self, grant: Grant, subscription_id: str) -> Subscription:
        async with self.database.reading() as connection:
            try:
                found = await load_subscription(connection, subscription_id)
            except NoSubscription:
                found = None
        ours = found is not None and found.institution == grant.institution
        if found is None or not ours or found.state is State.STOPPED:
            return await self.access.refuse(grant, "absent")
        return found
