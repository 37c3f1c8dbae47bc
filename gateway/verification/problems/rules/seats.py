"""Who may decide: the lowest office that has both sides of a case under it."""

from collections.abc import Iterable
from enum import IntEnum

from gateway.verification.problems.rules.states import State


class Office(IntEnum):
    """The offices that decide, lowest first."""

    COUNTY = 1
    PROVINCE = 2
    MINISTRY = 3


OFFICE_OF = {
    State.AT_COUNTY: Office.COUNTY,
    State.AT_PROVINCE: Office.PROVINCE,
    State.AT_MINISTRY: Office.MINISTRY,
}


def seat_of(
    area: str,
    counterpart_areas: Iterable[str],
    *,
    deletes_a_national_number: bool = False,
) -> Office:
    """The lowest office that may decide a case of this area.

    Both sides must lie under it. A record under a formal national number (G) is deleted by the
    ministry alone.
    """
    if deletes_a_national_number:
        return Office.MINISTRY
    return max([_seat_over(area, other) for other in counterpart_areas], default=Office.COUNTY)


def _seat_over(area: str, other: str) -> Office:
    if area[:2] != other[:2]:
        return Office.MINISTRY
    return Office.COUNTY if area == other else Office.PROVINCE
