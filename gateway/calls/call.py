"""One question to one system, as it is recorded and sent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from contracts.capabilities import Reply
from gateway.evidence import Actor, Subject

T = TypeVar("T")

PURPOSE = "student_status"
WORKER = Actor(caller="jisui", user="", role="gateway", institution="")


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
