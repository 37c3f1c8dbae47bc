"""Erasing a child from the streams: each of its events becomes a tombstone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.feed.naming import child_kind
from gateway.feed.rendering import NOTHING, Words, data_digest
from gateway.feed.snapshots.tables import snapshot_files, snapshots
from gateway.feed.subscribing.extras import Extras
from gateway.feed.subscribing.field_policies import FieldPolicies
from gateway.feed.subscribing.tables import claim_tickets, received_fields, tombstones
from gateway.feed.tables import status_changes, streams
from gateway.sealing import Sealer

_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Erasing:
    """Takes a child out of every stream, number by number."""

    sealer: Sealer = field(repr=False)
    words: Words
    policies: FieldPolicies

    async def erase(self, connection: AsyncConnection, person_id: str) -> int:
        """Leave of the child's events number, type and hash; how many it were.

        Call it in the transaction that destroys the child's keys, and before that: the hash is
        that of what was told, which nobody can tell again afterwards.
        """
        rows = await _standing(connection, person_id)
        graves = [await self._grave(connection, row) for row in rows]
        if graves:
            await connection.execute(insert(tombstones), graves)
        for subscription_id in {row.subscription_id for row in rows}:
            child = self.sealer.index(child_kind(subscription_id), person_id)
            mine = received_fields.c.subscription_id == subscription_id
            await connection.execute(
                delete(received_fields).where(mine, received_fields.c.child == child)
            )
            await _drop_snapshots(connection, subscription_id)
        await connection.execute(
            delete(claim_tickets).where(claim_tickets.c.person_id == person_id)
        )
        await _cover_no_longer(connection, person_id)
        return len(graves)

    async def _grave(self, connection: AsyncConnection, row: _Row) -> dict[str, object]:
        place = {"subscription_id": row.subscription_id, "number": row.number}
        extras = Extras(self.sealer, self.policies)
        told = await extras.load(connection, row.subscription_id, row.number - 1, row.number)
        child = self.sealer.index(child_kind(row.subscription_id), row.person_id)
        digest = data_digest(row, child, self.words, told.get(row.number, NOTHING))
        return place | {"digest": digest}


async def _drop_snapshots(connection: AsyncConnection, subscription_id: str) -> None:
    """Let what was written of the child before be fetched no more; another can be asked for."""
    mine = select(snapshots.c.snapshot_id).where(snapshots.c.subscription_id == subscription_id)
    await connection.execute(delete(snapshot_files).where(snapshot_files.c.snapshot_id.in_(mine)))
    await connection.execute(
        delete(snapshots).where(snapshots.c.subscription_id == subscription_id)
    )


async def _cover_no_longer(connection: AsyncConnection, person_id: str) -> None:
    """Have the child's changes lie in no area, so that they come into no stream again."""
    nowhere = {"area_from": "", "area_to": "", "school_from": "", "school_to": ""}
    theirs = status_changes.c.person_id == person_id
    await connection.execute(update(status_changes).where(theirs).values(nowhere))


async def _standing(connection: AsyncConnection, person_id: str) -> Sequence[_Row]:
    """Where the child's changes stand in streams and are no tombstones yet."""
    same = (tombstones.c.subscription_id == streams.c.subscription_id) & (
        tombstones.c.number == streams.c.number
    )
    columns = [column for column in status_changes.c if column.name != "change_id"]
    query = (
        select(streams, *columns)
        .join(status_changes, status_changes.c.change_id == streams.c.change_id)
        .outerjoin(tombstones, same)
        .where(status_changes.c.person_id == person_id, tombstones.c.number.is_(None))
    )
    return (await connection.execute(query)).all()
