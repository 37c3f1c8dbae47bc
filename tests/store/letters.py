"""A table to be numbered, and a process that numbers it until somebody kills it."""

import asyncio
import sys
from datetime import datetime

from sqlalchemy import Column, MetaData, String, Table, select

from gateway.database import Database, open_database
from gateway.sequence.numbering import Numbered, Numbering, number_column, unnumbered_index

declared = MetaData()
letters = Table(
    "letters", declared, Column("letter_id", String(32), primary_key=True), number_column("number")
)
unnumbered_index(letters, "letter_id", number="number")
NUMBERED = Numbered(letters, "letter_id", "number")
AT_ONCE = 7


async def number_for_ever(store: Database, holder: str, now: datetime) -> None:
    """Number what is committed, step by step, without end."""
    numbering = Numbering(NUMBERED, holder)
    while True:
        async with store.transaction() as connection:
            done = await numbering.step(connection, now, AT_ONCE)
        await asyncio.sleep(0 if done else 0.002)


async def numbers(store: Database) -> dict[str, int | None]:
    """The number of each letter that was committed."""
    async with store.reading() as connection:
        rows = await connection.execute(select(letters.c.letter_id, letters.c.number))
        return {row.letter_id: row.number for row in rows}


if __name__ == "__main__":
    url, name, instant = sys.argv[1:]
    asyncio.run(number_for_ever(open_database(url), name, datetime.fromisoformat(instant)))
