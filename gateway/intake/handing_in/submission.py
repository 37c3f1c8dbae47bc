"""A list as it was handed in, and the intake it became."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from gateway.evidence import Actor
from gateway.intake.lists import ListRow


@dataclass(frozen=True, slots=True)
class Submission:
    """A list, with who handed it in and under which case; `confirmed` when the county did."""

    school: str
    area: str
    school_year: str
    content_hash: str
    rows: Iterable[ListRow] = field(repr=False)
    confirmed: bool
    actor: Actor
    purpose: str
    basis: str
    case: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class Received:
    """The intake a list became; `known` where the same bytes were handed in before."""

    intake_id: str
    known: bool


def school_year(today: date) -> str:
    """The school year a list handed in today is for: from June on, the one that begins now."""
    first = today.year if today.month >= 6 else today.year - 1
    return f"{first}-{first + 1}"
