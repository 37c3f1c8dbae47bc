"""Which person of the index a handover is about; a child no register told of stands for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.intake.handover import Handover, load
from gateway.people.numbers import NUMBER, load_persons
from gateway.sealing import DataKey, Sealer, load_keys


@dataclass(frozen=True, slots=True)
class Persons:
    """Finds the persons of many handovers in one question."""

    sealer: Sealer

    async def find(
        self,
        connection: AsyncConnection,
        handovers: Sequence[Handover],
        keys: Mapping[str, DataKey],
    ) -> Mapping[str, str]:
        """The person of each handover, by the number it goes under.

        A person begins with the first register record read. Before that, the child's document
        stands in its place, the same on every list; without one, the handover does.
        """
        numbers = {h.handover_id: self._number(h, keys[h.key_id]) for h in handovers}
        known = await load_persons(connection, {number for number in numbers.values() if number})
        return {
            h.handover_id: known.get(numbers[h.handover_id] or "")
            or h.document_index
            or h.handover_id
            for h in handovers
        }

    async def named(
        self, connection: AsyncConnection, handover_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """The persons of the handovers with these ids; those erased or unknown are absent."""
        loaded = await load(connection, handover_ids)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        return await self.find(connection, [h for h in loaded if h.key_id in keys], keys)

    def _number(self, handover: Handover, key: DataKey) -> str | None:
        number = handover.number(key)
        return self.sealer.index(NUMBER, number) if number else handover.number_index
