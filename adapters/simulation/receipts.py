"""What a register remembers of the requests it accepted, so that each is carried out once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import Field

from adapters.simulation.answers import Asked


class RequestId(Asked):
    """A request, by the id its sender gave it."""

    request_id: str = Field(min_length=1, max_length=64)


@dataclass(slots=True)
class Accepted:
    """A request that was carried out; `state` says what has become of it since."""

    content: bytes = field(repr=False)
    record_id: str
    receipt: dict[str, str]
    state: str
    undone: dict[str, str] | None = None
    before: Any = field(default=None, repr=False)


class Receipts:
    """Accepted requests by their id; a receipt's own id is never given twice."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._given = 0
        self._accepted: dict[str, Accepted] = {}

    def of(self, request_id: str) -> Accepted | None:
        """The request accepted under this id, if one was."""
        return self._accepted.get(request_id)

    def write(self, request_id: str, at: datetime) -> dict[str, str]:
        """A new receipt."""
        self._given += 1
        return {
            "requestId": request_id,
            "receiptId": f"{self._prefix}{self._given:010d}",
            "receivedAt": at.isoformat(),
        }

    def keep(self, request_id: str, accepted: Accepted) -> None:
        """Remember the request for good."""
        self._accepted[request_id] = accepted

    def fate(self, request_id: str) -> dict[str, Any]:
        """What became of the request: its state and, where it arrived, its receipt."""
        accepted = self.of(request_id)
        if accepted is None:
            return {"requestId": request_id, "receipt": None, "state": "unknown"}
        return {"requestId": request_id, "receipt": accepted.receipt, "state": accepted.state}
