"""What calls need of a quota: a permission for so many, and word of when there will be more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection


class Permission(Protocol):
    """So many calls may leave; `wait_until` tells when more may, where it is fewer than asked."""

    @property
    def calls(self) -> int:
        """How many may leave."""

    @property
    def wait_until(self) -> datetime | None:
        """When more may."""


class Quota(Protocol):
    """Counts the calls to each system against what was agreed; never asked in a transaction."""

    async def take(self, system: str, calls: int) -> Permission:
        """A permission for at most so many calls."""

    async def give_back(self, grant: Any, unused: int) -> None:
        """Return what did not leave after all."""

    async def left(self, connection: AsyncConnection, system: str) -> Mapping[str, Any]:
        """What is left, by window: `limit`, `spent` and `resets_at`."""


@dataclass(frozen=True, slots=True)
class _Everything:
    calls: int
    wait_until: datetime | None = None


class Unmetered:
    """No agreement, no counting."""

    async def take(self, system: str, calls: int) -> Permission:  # noqa: ARG002
        """A permission for all of them."""
        return _Everything(calls)

    async def give_back(self, grant: Any, unused: int) -> None:
        """Nothing was counted."""

    async def left(self, connection: AsyncConnection, system: str) -> Mapping[str, Any]:  # noqa: ARG002
        """No window at all."""
        return {}
