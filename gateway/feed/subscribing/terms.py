"""The words of a subscription: its states, its ways of delivery, and what it covers."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Active delivers; suspended keeps every event; stopped receives nothing any more."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class Mode(StrEnum):
    """How events come to the subscriber."""

    PULL = "pull"
    PUSH = "push"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a subscription covers: area prefixes, stages, events (empty: all), and which fields."""

    areas: tuple[str, ...]
    stages: tuple[str, ...]
    events: tuple[str, ...]
    field_policy: str
    approval: str
