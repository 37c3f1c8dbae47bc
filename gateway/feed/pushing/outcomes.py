"""What an attempt came to, and what follows from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """Whose trouble it is: the address's as a whole, or perhaps that of what was sent."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # it read the message and does not take it
    BROKEN = "broken"  # it failed over the message, or broke off
    SILENT = "silent"  # it said nothing in time
    AWAY = "away"  # the address cannot take anything at present
    GONE = "gone"  # the subscriber wants no more


_OF_THE_MESSAGE = frozenset({400, 409, 413, 415, 422})
_BUSY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt's end; `reason` is a status or the name of a failure, `asked` a later time."""

    fate: Fate
    reason: str
    asked: datetime | None = None

    @property
    def accepted(self) -> bool:
        """Whether the subscriber has it."""
        return self.fate is Fate.ACCEPTED


def fate_of(status: int) -> Fate:
    """What a status says; a redirect is a failure, since it names an address nobody checked."""
    if 200 <= status < 300:
        return Fate.ACCEPTED
    if status == 410:
        return Fate.GONE
    if status in _OF_THE_MESSAGE:
        return Fate.REFUSED
    if status >= 500 and status not in _BUSY:
        return Fate.BROKEN
    return Fate.AWAY
