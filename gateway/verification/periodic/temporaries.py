"""Temporary numbers (L) that grow old: equal in law, but a child should not be left with one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.number import InvalidNumber, NumberKind, parse
from gateway.database import insert_into
from gateway.people.numbers import NUMBER
from gateway.people.tables import person_numbers
from gateway.sealing import Sealer
from gateway.verification.periodic.tables import periodic_temporaries
from gateway.verification.problems.holdings import Held


async def note_temporaries(
    connection: AsyncConnection,
    round_id: str,
    records: Sequence[Row[tuple[Any, ...]]],
    held: Mapping[str, Held],
    sealer: Sealer,
    now: datetime,
) -> None:
    """Note which of these records go under a temporary number, and since when it is known here."""
    indexes = {
        subject_id: sealer.index(NUMBER, one.number)
        for subject_id, one in held.items()
        if one.number and _temporary(one.number)
    }
    if not indexes:
        return
    columns = person_numbers.c
    query = select(columns.number_index, columns.since_at, columns.until_at)
    found = await connection.execute(query.where(columns.number_index.in_(indexes.values())))
    known = {row.number_index: row for row in found}
    replaced = {index for index, row in known.items() if row.until_at is not None}
    noted = [
        {
            "round_id": round_id,
            "subject_id": row.subject_id,
            "school": row.school,
            "area": row.area,
            "since_at": known[index].since_at if index in known else now,
        }
        for row in records
        if (index := indexes.get(row.subject_id)) and index not in replaced
    ]
    if not noted:
        return
    once = insert_into(connection, periodic_temporaries).on_conflict_do_nothing()
    await connection.execute(once, noted)


def _temporary(number: str) -> bool:
    try:
        return parse(number).kind is NumberKind.TEMPORARY
    except InvalidNumber:
        return False
