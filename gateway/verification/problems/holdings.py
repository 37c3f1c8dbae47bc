"""What this room needs to know of the records schools hold; the room that keeps them tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Identity
from gateway.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Held:
    """One child's record as a school holds it; absent where the child was erased.

    Where `recorded` is false there is a child and no record: it was found in a class without one.
    """

    key: DataKey = field(repr=False)
    identity: Identity = field(repr=False)
    number: str | None = field(repr=False)
    class_name: str = field(default="", repr=False)
    recorded: bool = True


class Holdings(Protocol):
    """The records held by schools."""

    def rows(self) -> Select[*tuple[Any, ...]]:
        """Every record in force.

        Columns: `subject_id`, `key_id`, `school`, `area`, `document_index`, `person_index`.
        """

    async def open(
        self, connection: AsyncConnection, subject_ids: Sequence[str]
    ) -> Mapping[str, Held]:
        """These records by subject."""

    async def correct(
        self, connection: AsyncConnection, subject_id: str, identity: Identity, now: datetime
    ) -> None:
        """Put a decided key-data change (关键信息变更) into the record."""
