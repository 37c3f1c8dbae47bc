"""Brings the index up to the newest numbered entry, off the path of those who append."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Database, insert_into
from gateway.evidence.searching.reading import read_entry
from gateway.evidence.searching.tables import entry_index
from gateway.evidence.tables import entries
from gateway.rows import write_rows

AT_ONCE = 1000


async def index_entries(database: Database) -> None:
    """The index holds every entry that has a number now; several processes may do this at once."""
    while await _index_some(database) == AT_ONCE:
        pass


async def _index_some(database: Database) -> int:
    async with database.reading() as connection:
        read = [read_entry(*row) for row in await _unindexed(connection)]
    if not read:
        return 0
    rows = [
        {
            "position": one.position,
            "entry_id": one.entry_id,
            "at": one.at,
            "action": one.action,
            "outcome": one.outcome,
            "caller": one.caller,
            "role": one.role,
            "institution": one.institution,
            "purpose": one.purpose,
            "approved": bool(one.approver),
            "case_reference": one.case,
            "object_ref": one.object_ref,
        }
        for one in read
    ]
    async with database.transaction() as connection:
        # Who comes second with the same rows writes nothing; neither leaves a hole behind.
        inserted = insert_into(connection, entry_index).on_conflict_do_nothing()
        await write_rows(connection, inserted, rows)
    return len(read)


async def _unindexed(connection: AsyncConnection) -> list[tuple[int, bytes]]:
    head = await connection.scalar(select(func.max(entry_index.c.position))) or 0
    query = (
        select(entries.c.position, entries.c.canonical)
        .where(entries.c.position > head)
        .order_by(entries.c.position)
        .limit(AT_ONCE)
    )
    return [(row.position, row.canonical) for row in await connection.execute(query)]
