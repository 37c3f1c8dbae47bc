"""Gives committed rows their numbers, in a transaction of its own and by one leader at a time.

A number taken when a row is written would show gaps where writers roll back, and would overtake
rows whose writers commit late. So rows are written without one, and the leader numbers what its
statement's snapshot shows as committed: a row it cannot see yet comes later, with a higher number.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Update, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.sequence.lease import release, renew, take


@dataclass(frozen=True, slots=True)
class Numbered:
    """A table whose rows get numbers: those committed together in the order of `order`, then `key`.

    Where an order must hold among some rows, as among those of one child, their writers take it
    under a lock that they keep until their commit.
    """

    table: Table
    key: str
    number: str
    order: str = ""


def number_column(name: str) -> Column[int]:
    """The column a table needs for its numbers: empty until the row is numbered, then unique."""
    return Column(name, BigInteger, unique=True)


def unnumbered_index(table: Table, *order: str, number: str) -> Index:
    """The index by which the rows still to be numbered are found; small, as they soon leave it."""
    waiting = table.c[number].is_(None)
    return Index(
        f"{table.name}_unnumbered",
        *(table.c[column] for column in order),
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


class Numbering:
    """One process's part in numbering one table; holds the lease's token between its steps."""

    def __init__(self, numbered: Numbered, holder: str) -> None:
        self._numbered = numbered
        self._holder = holder
        self._token = 0

    async def step(self, connection: AsyncConnection, now: datetime, limit: int) -> int:
        """Number up to `limit` committed rows; 0 where none wait, or where another process leads.

        The transaction should hold nothing else: it keeps other would-be leaders waiting.
        """
        if not await self.leads(connection, now):
            return 0
        return await number_rows(connection, self._numbered, limit)

    async def stop(self, connection: AsyncConnection, now: datetime) -> None:
        """Let another process lead at once."""
        await release(connection, self._numbered.table.name, self._holder, self._token, now)

    async def leads(self, connection: AsyncConnection, now: datetime) -> bool:
        """Whether this process leads, until the commit at least; what it then does is fenced."""
        name = self._numbered.table.name
        if await renew(connection, name, self._holder, self._token, now):
            return True
        # Should this transaction be undone, the token remembered here fits no row and is retaken.
        token = await take(connection, name, self._holder, now)
        self._token = token or 0
        return token is not None


async def number_rows(connection: AsyncConnection, numbered: Numbered, limit: int) -> int:
    """Number up to `limit` rows, from the highest number on; for the holder of the lease alone."""
    return (await connection.execute(_numbering(numbered), {"most": limit})).rowcount


@cache
def _numbering(numbered: Numbered) -> Update:
    key, number = numbered.table.c[numbered.key], numbered.table.c[numbered.number]
    head = select(func.coalesce(func.max(number), 0)).correlate(None).scalar_subquery()
    order = (numbered.table.c[numbered.order], key) if numbered.order else (key,)
    waiting = (
        select(key.label("key"), func.row_number().over(order_by=order).label("place"))
        .where(number.is_(None))
        .order_by(*order)
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    numbers = {number: head + waiting.c.place}
    return numbered.table.update().where(key == waiting.c.key).values(numbers)
