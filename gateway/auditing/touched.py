"""Which children entries touched: those they name, and those behind what they are about."""

from collections.abc import AsyncIterator, Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.among import among
from gateway.database import streamed
from gateway.evidence.entry import Action
from gateway.evidence.searching.reading import Read, read_entry
from gateway.evidence.searching.tables import entry_index
from gateway.evidence.tables import entries, entry_subjects
from gateway.feed.snapshots.tables import snapshots
from gateway.feed.tables import status_changes, streams
from gateway.sealing import Sealer

_READ_AT_ONCE = 1000
_ASKED_AT_ONCE = 10_000
_STREAMED = (Action.FEED_PULLED.value, Action.FEED_DELIVERED.value, Action.SNAPSHOT_FETCHED.value)
_index = entry_index.c
Conditions = list[ColumnElement[bool]]


async def touched_children(
    connection: AsyncConnection, sealer: Sealer, conditions: Conditions
) -> set[str]:
    """The blind references of all children that entries under these conditions touched."""
    objects = await _objects(connection, conditions)
    refs = await _named(connection, conditions)
    refs |= await _beside(connection, conditions)
    refs |= await _known(connection, {sealer.index("child", each) for each in objects})
    persons = [each async for each in _streamed(connection, conditions)]
    return refs | {sealer.index("child", person) for person in persons}


async def _objects(connection: AsyncConnection, conditions: Conditions) -> set[str]:
    query = select(_index.object_ref).where(*conditions, _index.object_ref != "").distinct()
    return set((await connection.execute(query)).scalars())


async def _named(connection: AsyncConnection, conditions: Conditions) -> set[str]:
    query = (
        select(entry_subjects.c.ref)
        .join(entry_index, _index.entry_id == entry_subjects.c.entry_id)
        .where(*conditions)
        .distinct()
    )
    return set((await connection.execute(query)).scalars())


async def _beside(connection: AsyncConnection, conditions: Conditions) -> set[str]:
    """The children that other entries name about the same thing: whose list, whose query it was."""
    theirs = entry_index.alias("theirs")
    objects = select(_index.object_ref).where(*conditions, _index.object_ref != "")
    query = (
        select(entry_subjects.c.ref)
        .join(theirs, theirs.c.entry_id == entry_subjects.c.entry_id)
        .where(theirs.c.object_ref.in_(objects))
        .distinct()
    )
    return set((await connection.execute(query)).scalars())


async def _known(connection: AsyncConnection, refs: Iterable[str]) -> set[str]:
    """Those of the references that any entry names."""
    wanted, known = sorted(refs), set[str]()
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        some = among(entry_subjects.c.ref, wanted[start : start + _ASKED_AT_ONCE])
        query = select(entry_subjects.c.ref).where(some).distinct()
        known |= set((await connection.execute(query)).scalars())
    return known


async def _streamed(connection: AsyncConnection, conditions: Conditions) -> AsyncIterator[str]:
    """The persons whose changes were handed out in streams and snapshots."""
    query = (
        select(_index.position, entries.c.canonical)
        .join(entries, entries.c.position == _index.position)
        .where(*conditions, _index.action.in_(_STREAMED))
    )
    async with streamed(connection, query, _READ_AT_ONCE) as rows:
        handed_out = [_numbers(read_entry(*row)) async for row in rows]
    for subscription_id, after, last, snapshot in set(handed_out):
        end = last if not snapshot else await _snapshot_end(connection, snapshot)
        found = (
            select(status_changes.c.person_id)
            .join(streams, streams.c.change_id == status_changes.c.change_id)
            .where(streams.c.subscription_id == subscription_id)
            .where(streams.c.number > after, streams.c.number <= end)
            .distinct()
        )
        for person in (await connection.execute(found)).scalars():
            yield person


def _numbers(entry: Read) -> tuple[str, int, int, str]:
    """A subscription, and after which number up to which it was told; or from which snapshot."""
    told = entry.content
    last = int(told.get("last") or 0)
    # A digest has no range: it tells of schools and not of children.
    after = int(told.get("after") or last - int(told.get("events") or 0))
    return entry.object_ref, after, last, told.get("snapshot", "")


async def _snapshot_end(connection: AsyncConnection, snapshot_id: str) -> int:
    mine = select(snapshots.c.next_number).where(snapshots.c.snapshot_id == snapshot_id)
    # A snapshot that is kept no longer showed at most what the stream held: all of it counts.
    return (await connection.scalar(mine) or 1 << 62) - 1
