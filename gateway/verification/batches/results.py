"""What came of each row, in the order of the file, a page at a time."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.database import Database
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.batches.rows import (
    ROWS_A_CHUNK,
    Answer,
    Row,
    SameAs,
    Standing,
    open_rows,
    open_standings,
    place_of,
)
from gateway.verification.batches.tables import verification_chunks

_chunks = verification_chunks.c
_REMEMBERED = 64  # chunks whose answers are kept at hand for rows that repeat theirs
_TOLD_OF_DEATH_MARKS = frozenset({Role.COUNTY, Role.PROVINCE})


def told_of_death_marks(role: Role) -> bool:
    """Whether whoever asks in this role may see that the register has a death mark."""
    return role in _TOLD_OF_DEATH_MARKS


@dataclass(frozen=True, slots=True)
class Result:
    """One row and its answer, None while it is pending; `same_as` names the row it repeats.

    An answer that is `referred` has to be looked into by the county, and only it sees why.
    """

    ordinal: int
    row: Row
    answer: Answer | None
    same_as: int | None
    referred: bool = False


@dataclass(slots=True)
class Results:
    """Reads the rows of one batch as one role may see them."""

    database: Database
    sealer: Sealer = field(repr=False)
    batch_id: str
    role: Role
    _at_hand: OrderedDict[int, list[Standing]] = field(default_factory=OrderedDict, repr=False)

    async def after(self, ordinal: int, limit: int = ROWS_A_CHUNK) -> list[Result]:
        """Up to `limit` rows that follow the row of this ordinal, of one chunk; empty at the end.

        Nothing is left to read of a batch whose rows were destroyed.
        """
        place = place_of(ordinal + 1)
        async with self.database.reading() as connection:
            keys = await load_keys(connection, [self.batch_id], self.sealer)
            chunk = await self._load(connection, place)
            if chunk is None or chunk.sealed_rows is None or self.batch_id not in keys:
                return []
            key = keys[self.batch_id]
            first = (place - 1) * ROWS_A_CHUNK + 1
            rows = open_rows(chunk.sealed_rows, key, chunk.work_id)
            standings = open_standings(chunk.sealed_answers, key, chunk.work_id)
            some = slice(ordinal + 1 - first, ordinal + 1 - first + limit)
            repeated = [one.ordinal for one in standings[some] if isinstance(one, SameAs)]
            await self._bring(connection, key, {place_of(one) for one in repeated})
        return [self._result(first + at, rows[at], standings[at]) for at in range(len(rows))[some]]

    async def _load(
        self, connection: AsyncConnection, place: int
    ) -> Found[*tuple[Any, ...]] | None:
        query = select(_chunks.work_id, _chunks.sealed_rows, _chunks.sealed_answers)
        mine = query.where(_chunks.batch_id == self.batch_id, _chunks.place == place)
        return (await connection.execute(mine)).one_or_none()

    async def _bring(self, connection: AsyncConnection, key: DataKey, places: set[int]) -> None:
        """Have the answers of these chunks at hand."""
        while len(self._at_hand) > _REMEMBERED:
            self._at_hand.popitem(last=False)
        for place in sorted(places - self._at_hand.keys()):
            chunk = await self._load(connection, place)
            if chunk is not None:
                self._at_hand[place] = open_standings(chunk.sealed_answers, key, chunk.work_id)

    def _result(self, ordinal: int, row: Row, standing: Standing) -> Result:
        same_as = standing.ordinal if isinstance(standing, SameAs) else None
        if same_as is not None:
            standing = self._at_hand[place_of(same_as)][(same_as - 1) % ROWS_A_CHUNK]
        answer = standing if isinstance(standing, Answer) else None
        if answer and answer.outcome is Outcome.DECEASED and not told_of_death_marks(self.role):
            hidden = Answer(Outcome.UNKNOWN, "", answer.call_id, answer.as_of)
            return Result(ordinal, row, hidden, same_as, referred=True)
        return Result(ordinal, row, answer, same_as)
