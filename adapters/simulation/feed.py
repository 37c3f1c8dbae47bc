"""A register's change feed: what happened since it was loaded, numbered from one."""

from collections.abc import MutableMapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import Field
from pydantic.alias_generators import to_camel
from starlette.responses import Response

from adapters.simulation.answers import Asked, accept, refuse
from adapters.simulation.operations import Call
from contracts.errors import CURSOR_AHEAD


class After(Asked):
    """Where to go on in the feed, and how many changes to give at most."""

    after: int = Field(ge=0)
    limit: int = Field(ge=1, le=1000)


@dataclass(frozen=True, slots=True)
class Said:
    """What a register may say of a change beside the record: its code, its sides, its cause."""

    code: str | None = None
    code_system: str | None = None
    institution_before: str | None = None
    institution_after: str | None = None
    request_id: str | None = None

    @staticmethod
    def of(cells: MutableMapping[str, str], previous: str) -> "Said":
        """What staff said of an edit; taken out of the cells, as none of it is the record's.

        `previous` is the institution the record was at.
        """
        told = {name: cells.pop(column, None) for name, column in _ABOUT.items()}
        return Said(**({"institution_before": previous} | {n: v for n, v in told.items() if v}))

    def wire(self) -> dict[str, str]:
        """The fields of a change that are said at all."""
        return {to_camel(name): text for name, text in asdict(self).items() if text}


NOTHING = Said()
_ABOUT = {
    "code": "异动类别",
    "code_system": "异动代码集",
    "institution_before": "原机构标识码",
    "institution_after": "现机构标识码",
}


class ChangeFeed:
    """Every change with the record after it; nothing is ever taken out."""

    def __init__(self) -> None:
        self._changes: list[dict[str, Any]] = []

    @property
    def version(self) -> int:
        """The version of the newest change; zero before the first."""
        return len(self._changes)

    def append(
        self,
        kind: str,
        record: dict[str, Any],
        at: datetime,
        previous_number: str | None = None,
        said: Said = NOTHING,
    ) -> None:
        """Number one more change."""
        self._changes.append(
            {
                "version": self.version + 1,
                "kind": kind,
                "occurredAt": at.isoformat(),
                "previousNumber": previous_number,
                **said.wire(),
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
