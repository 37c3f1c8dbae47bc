"""Forgetting a person of the index: the numbers go, and with the data key whatever it sealed."""

from collections.abc import Collection, Set
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.people.tables import person_numbers, persons


@dataclass(frozen=True, slots=True)
class Known:
    """What a child goes by: its persons, those merged into it too, and their numbers' indexes.

    A child no register told of is known by what stands in its person's place.
    """

    persons: Set[str]
    numbers: Set[str]


async def load_known(connection: AsyncConnection, person_id: str) -> Known:
    """What the child with this internal key goes by."""
    found = {person_id}
    while fresh := await _merged_into(connection, found) - found:
        found |= fresh
    numbers = person_numbers.c
    query = select(numbers.number_index).where(numbers.person_id.in_(sorted(found)))
    return Known(found, set((await connection.execute(query)).scalars()))


async def person_keys(connection: AsyncConnection, known: Known) -> set[str]:
    """The data keys of these persons."""
    query = select(persons.c.key_id).where(persons.c.person_id.in_(sorted(known.persons)))
    return set((await connection.execute(query)).scalars())


async def forget_numbers(connection: AsyncConnection, known: Known) -> None:
    """Let these persons have no numbers; a register that tells of one again begins a new person."""
    theirs = person_numbers.c.person_id.in_(sorted(known.persons))
    await connection.execute(delete(person_numbers).where(theirs))


async def _merged_into(connection: AsyncConnection, kept: Collection[str]) -> set[str]:
    query = select(persons.c.person_id).where(persons.c.merged_into.in_(sorted(kept)))
    return set((await connection.execute(query)).scalars())
