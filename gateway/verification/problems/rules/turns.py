"""Whose turn each act is: which role may take it in which state."""

from enum import StrEnum

from gateway.access.vocabulary import Role
from gateway.verification.problems.rules.states import State


class Act(StrEnum):
    """What a person may do with a problem record."""

    PROPOSE = "propose"
    CONFIRM = "confirm"
    REJECT = "reject"
    DECIDE = "decide"
    REFER = "refer"
    CLOSE = "close"


# The ministry is no caller: what it answers is recorded by the province, with its reference.
_OFFICES = {
    State.AT_COUNTY: Role.COUNTY,
    State.AT_PROVINCE: Role.PROVINCE,
    State.AT_MINISTRY: Role.PROVINCE,
}
TURNS: dict[Act, dict[State, Role]] = {
    Act.PROPOSE: {State.OPEN: Role.CLERK},
    Act.CONFIRM: {State.PROPOSED: Role.LEADER},
    Act.REJECT: {State.PROPOSED: Role.LEADER, **_OFFICES},
    Act.DECIDE: _OFFICES,
    Act.REFER: {State.AT_COUNTY: Role.COUNTY, State.AT_PROVINCE: Role.PROVINCE},
    Act.CLOSE: {State.OPEN: Role.COUNTY, **_OFFICES},
}


def acts_of(role: Role, state: State) -> list[Act]:
    """What this role may do in this state; a kindergarten's clerk has the turns of a school's."""
    turn = Role.CLERK if role is Role.KINDERGARTEN else role
    return [act for act in Act if TURNS[act].get(state) is turn]
