"""The number history: any number a child ever had leads to the one in force, with the reasons."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from contracts.number import InvalidNumber, NumberKind, parse
from gateway.among import among, parameter
from gateway.database import insert_on
from gateway.people.renumbered import Renumbered
from gateway.people.tables import person_numbers, persons
from gateway.rows import write_rows
from gateway.sealing import DataKey, KeyRow, Sealer, load_keys, store_keys

NUMBER = "number"
_THESE = among(person_numbers.c.number_index, parameter("indexes"))
_KNOWN = select(person_numbers.c.number_index).where(_THESE)
_REPLACED = _KNOWN.where(person_numbers.c.until_at.is_not(None))
_PERSONS = select(person_numbers.c.number_index, person_numbers.c.person_id).where(_THESE)
_BEGIN = insert(persons)
_NAME = {
    engine: insert_on(engine, person_numbers).on_conflict_do_nothing()
    for engine in ("sqlite", "postgresql")
}

_Row = dict[str, object]


class NumbersCollide(JisuiError):
    """Both numbers belong to persons known apart; only people may merge them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One number of a chain: how long it was in force, why it came, and who decided."""

    number: str = field(repr=False)
    kind: str
    since_at: datetime
    until_at: datetime | None
    reason: str
    decider: str


@dataclass(frozen=True, slots=True)
class Chain:
    """All numbers of one person, oldest first; the last is in force."""

    person_id: str
    steps: tuple[Step, ...]

    @property
    def current(self) -> str:
        """The number in force."""
        return self.steps[-1].number


class People:
    """The person index over one store."""

    def __init__(self, sealer: Sealer, identifiers: Callable[[], str]) -> None:
        self._sealer = sealer
        self._identifiers = identifiers

    async def adopt(
        self, connection: AsyncConnection, numbers: Iterable[str], source: str, now: datetime
    ) -> None:
        """Know a person for each of these register numbers; those known already stay so."""
        by_index = {self._sealer.index(NUMBER, number): number for number in numbers}
        known = await connection.execute(_KNOWN, {"indexes": list(by_index)})
        for index in known.scalars():
            del by_index[index]
        if not by_index:
            return
        ordered = sorted(by_index.items())  # one order for everybody: nobody locks crosswise
        drafts = [self._draft(index, number, source, now) for index, number in ordered]
        await store_keys(connection, [key for key, _, _ in drafts])
        await write_rows(connection, _BEGIN, [person for _, person, _ in drafts])
        # Another process may adopt the same number at the same time: the first one stays, and the
        # person made here without a number is nobody's.
        named = [number for _, _, number in drafts]
        await write_rows(connection, _NAME[connection.dialect.name], named)

    async def resolve(self, connection: AsyncConnection, number: str) -> Chain | None:
        """The whole chain that `number` belongs to, or None where nobody had it."""
        index = self._sealer.index(NUMBER, number)
        owner = select(person_numbers.c.person_id).where(person_numbers.c.number_index == index)
        person_id: str | None = (await connection.execute(owner)).scalar()
        return await self.chain_of(connection, person_id or "")

    async def chain_of(self, connection: AsyncConnection, person_id: str) -> Chain | None:
        """All numbers of a person, or None where nobody has this internal key."""
        rows = (
            await connection.execute(
                select(person_numbers, persons.c.key_id)
                .join(persons)
                .where(person_numbers.c.person_id == person_id)
                .order_by(person_numbers.c.place)
            )
        ).all()
        if not rows:
            return None
        keys = await load_keys(connection, [rows[0].key_id], self._sealer)
        return Chain(rows[0].person_id, tuple(_step(row, keys[row.key_id]) for row in rows))

    async def aliases(
        self, connection: AsyncConnection, numbers: Sequence[str]
    ) -> Mapping[str, str]:
        """The number in force for each of these that was replaced; the others are absent."""
        by_index = {self._sealer.index(NUMBER, number): number for number in numbers}
        replaced = await connection.execute(_REPLACED, {"indexes": list(by_index)})
        found = {}
        for index in replaced.scalars().all():
            chain = await self.resolve(connection, by_index[index])
            if chain is not None:
                found[by_index[index]] = chain.current
        return found

    async def renumber(
        self,
        connection: AsyncConnection,
        old: str,
        new: str,
        *,
        at: datetime,
        reason: str,
        decider: str,
    ) -> Renumbered | None:
        """Put `new` in force for the person who had `old`; None where it was there already.

        Raises `NumbersCollide` where `new` is another person's already.
        """
        await self.adopt(connection, [old], decider, at)
        chain = await self.resolve(connection, old)
        other = await self.resolve(connection, new)
        if chain is None or (other is not None and other.person_id != chain.person_id):
            raise NumbersCollide("both numbers are in use")
        if other is not None:  # known already, be it in force or long replaced
            return None
        return await self._append(connection, chain, new, at, reason, decider)

    async def _append(
        self,
        connection: AsyncConnection,
        chain: Chain,
        new: str,
        at: datetime,
        reason: str,
        decider: str,
    ) -> Renumbered:
        person = (
            await connection.execute(select(persons).where(persons.c.person_id == chain.person_id))
        ).one()
        keys = await load_keys(connection, [person.key_id], self._sealer)
        await connection.execute(
            update(person_numbers)
            .where(person_numbers.c.person_id == chain.person_id)
            .where(person_numbers.c.until_at.is_(None))
            .values(until_at=at)
        )
        row = {
            "number_index": self._sealer.index(NUMBER, new),
            "person_id": chain.person_id,
            "place": len(chain.steps) + 1,
            "sealed_number": keys[person.key_id].seal(new.encode(), NUMBER),
            "kind": _kind(new),
            "since_at": at,
            "reason": reason,
            "decider": decider,
        }
        await connection.execute(insert(person_numbers).values(row))
        told = {"from": chain.current, "to": new}
        key = keys[person.key_id]
        return Renumbered(chain.person_id, person.key_id, key, told, reason, decider)

    def _draft(
        self, index: str, number: str, source: str, now: datetime
    ) -> tuple[KeyRow, _Row, _Row]:
        wrapped, key = self._sealer.new_key()
        key_id, person_id = self._identifiers(), self._identifiers()
        row = {
            "number_index": index,
            "person_id": person_id,
            "place": 1,
            "sealed_number": key.seal(number.encode(), NUMBER),
            "kind": _kind(number),
            "since_at": now,
            "reason": "first_read",
            "decider": source,
        }
        person = {"person_id": person_id, "key_id": key_id, "source": source, "created_at": now}
        return {"key_id": key_id, "wrapped": wrapped, "created_at": now}, person, row


async def load_persons(
    connection: AsyncConnection, number_indexes: Collection[str]
) -> Mapping[str, str]:
    """The person each of these numbers belongs to, by the numbers' blind indexes."""
    if not number_indexes:
        return {}
    rows = await connection.execute(_PERSONS, {"indexes": sorted(number_indexes)})
    return {row.number_index: row.person_id for row in rows}


def _step(row: Row[tuple[object, ...]], key: DataKey) -> Step:
    number = key.open(row.sealed_number, NUMBER).decode()
    return Step(number, row.kind, row.since_at, row.until_at, row.reason, row.decider)


def _kind(number: str) -> str:
    try:
        return parse(number).kind.value
    except InvalidNumber:
        return NumberKind.FOREIGN.value
