"""Persons with the data keys under which something may be kept of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.people.tables import person_numbers, persons
from gateway.sealing import DataKey, Sealer, load_keys


@dataclass(frozen=True, slots=True)
class Keyed:
    """A person, and the key that goes when the person is erased."""

    person_id: str
    key_id: str
    key: DataKey = field(repr=False)


async def load_keyed(
    connection: AsyncConnection, number_indexes: Collection[str], sealer: Sealer
) -> Mapping[str, Keyed]:
    """The person of each of these numbers, by its blind index; those erased are absent."""
    if not number_indexes:
        return {}
    query = (
        select(person_numbers.c.number_index, persons.c.person_id, persons.c.key_id)
        .join(persons, persons.c.person_id == person_numbers.c.person_id)
        .where(person_numbers.c.number_index.in_(sorted(number_indexes)))
    )
    rows = (await connection.execute(query)).all()
    keys = await load_keys(connection, [row.key_id for row in rows], sealer)
    return {
        row.number_index: Keyed(row.person_id, row.key_id, keys[row.key_id])
        for row in rows
        if row.key_id in keys
    }
