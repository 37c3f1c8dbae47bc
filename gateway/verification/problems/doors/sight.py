"""What of a problem record a caller may see: by purpose, by role, within its reach."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, true

from gateway.access.grants import Grant, Scope
from gateway.access.vocabulary import Purpose, Reach, Role
from gateway.verification.problems.record import Record
from gateway.verification.problems.tables import problem_records

# To watch over schools nobody needs a child's name or number.
_PURPOSES_WITH_VALUES = frozenset({Purpose.ENROLMENT, Purpose.ARBITRATION})
_OFFICES = frozenset({Role.COUNTY, Role.PROVINCE})


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether values are shown, and whether the caller is an office, which may know of everything.

    An office is told which school holds the other record of a duplicate, where that lies within its
    reach; a school is told the area only.
    """

    scope: Scope
    values: bool
    office: bool

    def covers(self, record: Record) -> bool:
        """Whether this record may be seen at all."""
        within = self.scope.covers(institution=record.school, area=record.area)
        return within and (self.office or not record.confidential)

    def names_counterpart(self, school: str, area: str) -> bool:
        """Whether the other record's school may be told."""
        return self.office and self.scope.covers(institution=school, area=area)

    def condition(self) -> ColumnElement[bool]:
        """The records that may be seen, as a condition."""
        open_to_all = true() if self.office else problem_records.c.confidential.is_(False)
        return and_(_within(self.scope), open_to_all)


def sight_of(grant: Grant) -> Sight:
    """What this grant lets its caller see."""
    return Sight(grant.scope, grant.purpose in _PURPOSES_WITH_VALUES, grant.role in _OFFICES)


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.reach is Reach.INSTITUTION:
        return problem_records.c.school == scope.value
    if scope.reach is Reach.NONE or not scope.value:
        return false()
    return problem_records.c.area.startswith(scope.value, autoescape=True)
