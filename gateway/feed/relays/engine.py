"""What a relay asks of an engine, and what may come of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contracts.errors import JisuiError


class EngineAway(JisuiError):
    """The engine cannot be reached, or did not acknowledge; what it has taken, it can tell."""


class EngineAhead(JisuiError):
    """The engine holds numbers our stream has not reached: one of the two was put back."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """One event: its number, its id, the child by which engines keep order, and its bytes."""

    number: int
    event_id: str
    child: str
    body: bytes = field(repr=False)


class Engine(Protocol):
    """One engine; a name is that of a subscription's stream in it."""

    async def reached(self, name: str) -> int:
        """The last number the stream holds, 0 where there is none; raise `EngineAway`."""

    async def append(self, name: str, events: Sequence[Relayed]) -> None:
        """Add the events in order and return once the engine has acknowledged them all.

        What another relay has added meanwhile is not added again. Raise `EngineAway`; some of them
        may then be there.
        """

    async def close(self) -> None:
        """End the connection."""
