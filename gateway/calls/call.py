"""One question to one system, as it is recorded and sent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from contracts.capabilities import Reply
from contracts.errors import Closed
from gateway.calls.deadlines import Deadline
from gateway.evidence import Actor, Subject

T = TypeVar("T")

PURPOSE = "student_status"
WORKER = Actor(caller="jisui", user="", role="gateway", institution="")


class NotSent(Closed):
    """We kept the call back ourselves: not one byte left, and waiting was no attempt.

    `code` says what kept it: a lane's reason, `hours`, `quota`, `crowded` or `pace`.
    """


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One question to one system, about one or more children."""

    system: str
    operation: str
    send: Callable[[], Awaitable[Reply[T]]] = field(repr=False)
    subjects: tuple[Subject, ...] = field(repr=False)
    trace_id: str
    writing: bool = False
    case: str = ""
    call_id: str = ""
    # One detail per child for the answered entry, in the order of `subjects`.
    summarise: Callable[[T], Sequence[Mapping[str, object]]] | None = None
    interactive: bool = False  # somebody waits for the answer: goes before batches
    deadline: Deadline | None = None  # the asker's; without one the system's own seconds count
    # Set when the call is recorded: the lanes it is the one probe of, or why it may not leave.
    probes: tuple[str, ...] = ()
    kept_back: NotSent | None = None

    @property
    def recorded(self) -> bool:
        """Whether the question stands in the evidence."""
        return bool(self.call_id)
