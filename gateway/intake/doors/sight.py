"""What of a child a caller may see beyond where it stands: by purpose, and by office."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.outcomes import Outcome
from gateway.access.grants import Grant
from gateway.access.vocabulary import Purpose, Role

# To watch over schools, or over us, nobody needs a child's number.
_PURPOSES_WITH_VALUES = frozenset({Purpose.ENROLMENT, Purpose.ARBITRATION})
_TOLD_OF_DEATH_MARKS = frozenset({Role.COUNTY, Role.PROVINCE})


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether numbers may be shown, and whether a death mark may be told."""

    values: bool
    death_marks: bool

    def number(self, number: str | None) -> str | None:
        """The number where it may be shown."""
        return number if self.values else None

    def problems(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """The outcomes that may be told."""
        return [one for one in outcomes if self.death_marks or one is not Outcome.DECEASED]


def sight_of(grant: Grant) -> Sight:
    """What this grant lets its caller see."""
    return Sight(grant.purpose in _PURPOSES_WITH_VALUES, grant.role in _TOLD_OF_DEATH_MARKS)
