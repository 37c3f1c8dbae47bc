"""Whose turn it is: the owner of a situation, until when, and who comes next along its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from contracts.records import Institution
from gateway.intake.handover import Handover, replace
from gateway.intake.rules.situations import Wording
from gateway.intake.rules.states import Situation
from gateway.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Turns:
    """Gives a handover that just moved its owner and its deadline."""

    wordings: Mapping[Situation, Wording]
    working_days: WorkingDays

    def assign(
        self,
        handover: Handover,
        kindergarten: str | None,
        places: Mapping[str, Institution],
        today: date,
    ) -> Handover:
        """The handover with who must act on it, and by when where there is a limit."""
        wording = self.wordings[handover.situation]
        days = wording.working_days
        due_on = self.working_days.after(today, days).isoformat() if days else None
        owner = _owner(wording.turn[0], handover.school, kindergarten, places)
        return replace(handover, owner=owner, due_on=due_on, escalations=0, looked_from=None)

    def escalate(
        self, handover: Handover, places: Mapping[str, Institution], today: date
    ) -> Handover:
        """The handover after its deadline passed: one step up the owner's own line."""
        days = self.wordings[handover.situation].working_days or 1
        return replace(
            handover,
            owner=above(handover.owner, places),
            due_on=self.working_days.after(today, days).isoformat(),
            escalations=handover.escalations + 1,
        )


def above(owner: str, places: Mapping[str, Institution]) -> str:
    """Who answers for the owner: kindergarten or school → its county → its province."""
    kind, _, code = owner.partition(":")
    if kind in ("kindergarten", "school"):
        return _county(code, places)
    if kind == "county":
        return f"province:{code[:2]}0000"
    return owner


def _owner(
    turn: str, school: str, kindergarten: str | None, places: Mapping[str, Institution]
) -> str:
    match turn:
        case "school":
            return f"school:{school}"
        case "county":
            return _county(school, places)
        case "kindergarten" | "kindergartens":
            return _kindergarten(kindergarten or "", places)
        case "kindergarten_county":
            return _county(kindergarten or school, places)
        case _:
            return turn


def _kindergarten(code: str, places: Mapping[str, Institution]) -> str:
    # A kindergarten that has closed cannot graduate anybody: its county acts in its place.
    place = places.get(code)
    if place is not None and place.status != "open":
        return _county(code, places)
    return f"kindergarten:{code}"


def _county(code: str, places: Mapping[str, Institution]) -> str:
    place = places.get(code)
    return f"county:{place.authority[:6] if place else ''}"
