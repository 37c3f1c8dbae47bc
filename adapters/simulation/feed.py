"""A register's change feed: what happened since it was loaded, numbered from one."""

from datetime import datetime
from typing import Any

from pydantic import Field
from starlette.responses import Response

from adapters.simulation.answers import Asked, accept, refuse
from adapters.simulation.operations import Call
from contracts.errors import CURSOR_AHEAD


class After(Asked):
    """Where to go on in the feed, and how many changes to give at most."""

    after: int = Field(ge=0)
    limit: int = Field(ge=1, le=1000)


class ChangeFeed:
    """Every change with the record after it; nothing is ever taken out."""

    def __init__(self) -> None:
        self._changes: list[dict[str, Any]] = []

    @property
    def version(self) -> int:
        """The version of the newest change; zero before the first."""
        return len(self._changes)

    def append(
        self, kind: str, record: dict[str, Any], at: datetime, previous_number: str | None = None
    ) -> None:
        """Number one more change."""
        self._changes.append(
            {
                "version": self.version + 1,
                "kind": kind,
                "occurredAt": at.isoformat(),
                "previousNumber": previous_number,
                "record": dict(record),
            }
        )

    def answer(self, asked: After, call: Call) -> Response:
        """A page of changes, oldest first, and the cursor to go on from."""
        if asked.after > self.version:
            return refuse(call, 422, CURSOR_AHEAD)
        page = self._changes[asked.after : asked.after + asked.limit]
        cursor = asked.after + len(page)
        return accept(call, {"changes": page, "more": cursor < self.version, "cursor": cursor})
