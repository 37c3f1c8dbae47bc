"""Which persons of the index a register's records are, with the keys to keep things under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.collecting.registers import Facts
from gateway.identifiers import Identifiers
from gateway.people.indexes import index_document
from gateway.people.keyed import Keyed, load_keyed
from gateway.people.numbers import NUMBER, People
from gateway.sealing import KeyRow, Sealer, store_keys


@dataclass(frozen=True, slots=True)
class Children:
    """Finds persons, many at once; a person begins with the first register record read."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    identifiers: Identifiers
    people: People

    async def find(
        self, connection: AsyncConnection, system: str, facts: Sequence[Facts]
    ) -> Mapping[str, Keyed]:
        """The person of each record, by the record's id.

        One without a number stands for itself by its document, else by its record, until it has
        one. One whose key was destroyed, as an erased child's is, begins anew without a past.
        """
        if not facts:
            return {}
        numbers = {one.record_id: one.identity.number for one in facts}
        known = sorted({number for number in numbers.values() if number})
        await self.people.adopt(connection, known, system, self.clock.now())
        by_number = {number: self.sealer.index(NUMBER, number) for number in known}
        persons = await load_keyed(connection, set(by_number.values()), self.sealer)
        found = {
            record_id: persons[by_number[number]]
            for record_id, number in numbers.items()
            if number and by_number[number] in persons
        }
        rest = {one.record_id: one for one in facts if one.record_id not in found}
        return {**found, **await self._unnumbered(connection, system, rest)}

    async def _unnumbered(
        self, connection: AsyncConnection, system: str, facts: Mapping[str, Facts]
    ) -> Mapping[str, Keyed]:
        made: dict[str, Keyed] = {}
        rows: list[KeyRow] = []
        for record_id, one in facts.items():
            wrapped, key = self.sealer.new_key()
            key_id = self.identifiers()
            rows.append({"key_id": key_id, "wrapped": wrapped, "created_at": self.clock.now()})
            itself = self.sealer.index(f"record of {system}", record_id)
            person_id = index_document(one.identity.document, self.sealer) or itself
            made[record_id] = Keyed(person_id, key_id, key)
        await store_keys(connection, rows)
        return made
