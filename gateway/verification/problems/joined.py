"""The records of several rooms as one: whoever asks need not know which room keeps a child's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Identity
from gateway.verification.problems.holdings import Held, Holdings


@dataclass(frozen=True, slots=True)
class Joined:
    """Several rooms' records; no subject is kept by two of them."""

    rooms: Sequence[Holdings]

    def rows(self) -> Select[*tuple[Any, ...]]:
        """Every room's records in force."""
        return select(union_all(*(room.rows() for room in self.rooms)).subquery())

    async def open(
        self, connection: AsyncConnection, subject_ids: Sequence[str]
    ) -> Mapping[str, Held]:
        """These records, from whichever room keeps them."""
        found: dict[str, Held] = {}
        for room in self.rooms:
            rest = [subject_id for subject_id in subject_ids if subject_id not in found]
            if rest:
                found |= await room.open(connection, rest)
        return found

    async def correct(
        self, connection: AsyncConnection, subject_id: str, identity: Identity, now: datetime
    ) -> None:
        """Put a decided key-data change into the record, in the room that keeps it."""
        for room in self.rooms:
            if subject_id in await room.open(connection, [subject_id]):
                await room.correct(connection, subject_id, identity, now)
                break
