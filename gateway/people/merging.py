"""Two persons of the index found to be one: the numbers of the one become the other's aliases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Instant
from gateway.people.numbers import NUMBER, Chain, People
from gateway.people.renumbered import Renumbered
from gateway.people.tables import person_numbers, persons
from gateway.sealing import DataKey, Sealer, load_keys

MERGED = "merged"
_numbers = person_numbers.c


@dataclass(frozen=True, slots=True)
class Merging:
    """Merges persons, by a decision that people have taken."""

    people: People
    sealer: Sealer = field(repr=False)

    async def merge(
        self, connection: AsyncConnection, gone: str, kept: str, *, at: datetime, decider: str
    ) -> Renumbered | None:
        """Have every number of `gone` lead to the one in force of `kept`.

        None where the two are one already, or one of them has no number.
        """
        # Both rows stay locked, in one order for everybody.
        held = select(persons).where(persons.c.person_id.in_([gone, kept]))
        ordered = held.order_by(persons.c.person_id).with_for_update()
        rows = {row.person_id: row for row in await connection.execute(ordered)}
        theirs = await self.people.chain_of(connection, gone)
        ours = await self.people.chain_of(connection, kept)
        if gone == kept or theirs is None or ours is None:
            return None
        key_id = rows[kept].key_id
        key = (await load_keys(connection, [key_id], self.sealer))[key_id]
        await self._move(connection, theirs, ours, key, at, decider)
        mine = persons.c.person_id == gone
        await connection.execute(update(persons).where(mine).values(merged_into=kept))
        told = {"from": theirs.current, "to": ours.current}
        return Renumbered(kept, key_id, key, told, MERGED, decider)

    async def _move(
        self,
        connection: AsyncConnection,
        theirs: Chain,
        ours: Chain,
        key: DataKey,
        at: datetime,
        decider: str,
    ) -> None:
        """Put their numbers before ours, whose last one stays in force."""
        mine = _numbers.person_id == ours.person_id
        shifted = {"place": _numbers.place + len(theirs.steps)}
        await connection.execute(update(person_numbers).where(mine).values(shifted))
        for place, number in enumerate(_of(theirs), 1):
            moved = {
                "person_id": ours.person_id,
                "place": place,
                "sealed_number": key.seal(number.encode(), NUMBER),
                "until_at": func.coalesce(_numbers.until_at, literal(at, Instant)),
                "reason": MERGED,
                "decider": decider,
            }
            same = _numbers.number_index == self.sealer.index(NUMBER, number)
            await connection.execute(update(person_numbers).where(same).values(moved))


def _of(chain: Chain) -> Sequence[str]:
    return [step.number for step in chain.steps]
