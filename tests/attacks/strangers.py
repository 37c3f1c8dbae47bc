"""Callers of every role from the school's own house to another province, and their headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from gateway.access.admission import Access
from gateway.access.demo import register_demo_caller
from gateway.access.vocabulary import Reach, Role
from gateway.wiring.access import wire_access
from gateway.wiring.ground import Ground
from tests.intake.village import COUNTY, ELSEWHERE, OTHER_COUNTY, RIVAL, SCHOOL


class Place(StrEnum):
    """Where a caller sits, seen from the school whose list it is after."""

    OWN = "own"
    RIVAL = "rival"
    OTHER_COUNTY = "other_county"
    OTHER_PROVINCE = "other_province"


FOREIGN_SCHOOL, FOREIGN_COUNTY = "9800010300", "980001"
_HOUSES = {
    Place.OWN: (SCHOOL, COUNTY),
    Place.RIVAL: (RIVAL, COUNTY),
    Place.OTHER_COUNTY: (ELSEWHERE, OTHER_COUNTY),
    Place.OTHER_PROVINCE: (FOREIGN_SCHOOL, FOREIGN_COUNTY),
}
# From which places a right of this reach gets at the school's own children.
WITHIN: Mapping[Reach, frozenset[Place]] = {
    Reach.INSTITUTION: frozenset({Place.OWN}),
    Reach.COUNTY: frozenset({Place.OWN, Place.RIVAL}),
    Reach.PROVINCE: frozenset({Place.OWN, Place.RIVAL, Place.OTHER_COUNTY}),
    Reach.NONE: frozenset(Place),
}


@dataclass
class Strangers:
    """Callers, each registered when first needed."""

    ground: Ground
    known: dict[tuple[Role, Place], str] = field(default_factory=dict)

    async def headers(self, role: Role, place: Place, purpose: str) -> dict[str, str]:
        """Everything a request must tell, for a caller of this role in this place."""
        return {
            "Authorization": f"Bearer {await self.token(role, place)}",
            "Jisui-Purpose": purpose,
            "X-Road-Issue": "case-1",
            "X-Road-UserId": "somebody",
        }

    async def token(self, role: Role, place: Place) -> str:
        """A token that holds at this moment of the stage's clock."""
        if (role, place) not in self.known:
            self.known[role, place] = await self._register(role, place)
        return self._access.grant_token(self.known[role, place]).token

    @cached_property
    def _access(self) -> Access:
        return wire_access(self.ground)

    async def _register(self, role: Role, place: Place) -> str:
        institution, area = _HOUSES[place]
        ground = self.ground
        caller = await register_demo_caller(
            ground.database,
            ground.log,
            ground.clock,
            ground.identifiers,
            role=role,
            institution=institution,
            area=f"{area[:2]}0000" if role is Role.PROVINCE else area,
        )
        return caller.client_id
