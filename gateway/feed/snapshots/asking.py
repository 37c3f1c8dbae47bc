"""Snapshots a subscriber asked for: taken by the worker, kept sealed for some days, then gone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.database import Database
from gateway.feed.snapshots.state import States
from gateway.feed.snapshots.tables import snapshot_files, snapshots
from gateway.feed.snapshots.taking import Signed, Taking
from gateway.feed.subscribing.secrets import load_key
from gateway.feed.subscribing.subscription import load_subscription
from gateway.leases import enqueue, finish, lease
from gateway.sealing import Sealer

TAKE = "snapshot"
ASKED, READY = "asked", "ready"
KEPT_DAYS = 7
LEASE_SECONDS = 900.0


async def ask_for(
    connection: AsyncConnection, subscription_id: str, snapshot_id: str, now: datetime
) -> tuple[str, bool]:
    """Have a snapshot taken; its id, and whether it is a new one: one at a time is taken."""
    waiting = (
        select(snapshots.c.snapshot_id)
        .where(snapshots.c.subscription_id == subscription_id, snapshots.c.state == ASKED)
        .where(snapshots.c.kept_until > now)
    )
    found: str | None = (await connection.execute(waiting)).scalar()
    if found is not None:
        return found, False
    row = {"snapshot_id": snapshot_id, "subscription_id": subscription_id, "state": ASKED}
    days = {"asked_at": now, "kept_until": now + timedelta(days=KEPT_DAYS)}
    await connection.execute(insert(snapshots), row | days)
    await enqueue(connection, TAKE, [snapshot_id], now)
    return snapshot_id, True


def file_context(snapshot_id: str, place: int) -> str:
    """What a sealed file is bound to."""
    return f"snapshot {snapshot_id} {place}"


@dataclass(frozen=True, slots=True)
class TakingAsked:
    """The worker's part: takes what was asked for, and destroys what is past its time."""

    database: Database
    sealer: Sealer = field(repr=False)
    clock: Clock
    states: States

    async def step(self) -> int:
        """Take one snapshot; 0 where none waits."""
        async with self.database.transaction() as connection:
            held = await lease(connection, TAKE, 1, self.clock.now(), LEASE_SECONDS)
        if not held:
            return 0
        signed = await self._take(held[0].subject_id)
        async with self.database.transaction() as connection:
            if signed is not None:
                await _close(connection, held[0].subject_id, signed)
            await finish(connection, held)
        return 1

    async def forget(self) -> None:
        """Destroy what is past its time."""
        overdue = snapshots.c.kept_until <= self.clock.now()
        async with self.database.transaction() as connection:
            past = select(snapshots.c.snapshot_id).where(overdue)
            await connection.execute(
                delete(snapshot_files).where(snapshot_files.c.snapshot_id.in_(past))
            )
            await connection.execute(delete(snapshots).where(overdue))

    async def _take(self, snapshot_id: str) -> Signed | None:
        """Store the files and give the manifest; None where it was taken or is past its time."""
        mine = (snapshots.c.snapshot_id == snapshot_id) & (snapshots.c.state == ASKED)
        async with self.database.reading() as reading:
            subscription_id = await reading.scalar(select(snapshots.c.subscription_id).where(mine))
            if subscription_id is None:
                return None
            await self._begin(snapshot_id)
            subscription = await load_subscription(reading, subscription_id)
            key = await load_key(reading, subscription, self.sealer)
            taking = Taking(self.states, self.sealer, reading, subscription)
            place = 0
            async for _, content in taking.files():
                place += 1
                sealed = key.seal(content, file_context(snapshot_id, place))
                row = {"snapshot_id": snapshot_id, "place": place, "sealed": sealed}
                async with self.database.transaction() as connection:
                    await connection.execute(insert(snapshot_files), row)
            return await taking.sign(self.clock.now())

    async def _begin(self, snapshot_id: str) -> None:
        """Take back what an attempt that died has left."""
        mine = snapshot_files.c.snapshot_id == snapshot_id
        async with self.database.transaction() as connection:
            await connection.execute(delete(snapshot_files).where(mine))


async def _close(connection: AsyncConnection, snapshot_id: str, signed: Signed) -> None:
    await connection.execute(
        update(snapshots)
        .where(snapshots.c.snapshot_id == snapshot_id)
        .values(
            state=READY,
            next_number=signed.manifest.next_number,
            manifest=signed.content,
            signature=signed.signature,
            taken_at=signed.manifest.taken_at,
        )
    )
