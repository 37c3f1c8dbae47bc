"""When an operation may be done: spans an operator sets, open where none are set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

CARRY = "carry"
REVERSE = "reverse"
APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Window:
    """A span in which an operation may be done; the end is outside it."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of every operation."""

    by_operation: Mapping[str, Sequence[Window]]

    def is_open(self, operation: str, now: datetime) -> bool:
        """Whether the operation may be done now."""
        windows = self.by_operation.get(operation)
        return not windows or any(w.opens_at <= now < w.closes_at for w in windows)

    def opens_at(self, operation: str, now: datetime) -> datetime | None:
        """When the operation may be done next; None where no later window is known."""
        coming = [w.opens_at for w in self.by_operation.get(operation, ()) if w.opens_at > now]
        return min(coming, default=None)
