"""The desk behind intake's routes: finds what a caller may see, and refuses the rest alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from contracts.errors import SystemFailure
from contracts.records import Institution
from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.access.vocabulary import Reach
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Log
from gateway.intake.areas import area_of
from gateway.intake.doors.reading import IntakeSummary, find_intake, summarise
from gateway.intake.doors.views import Wordings
from gateway.intake.handing_in.confirming import Confirming
from gateway.intake.handing_in.receiving import Receiving
from gateway.intake.lists import Limits
from gateway.intake.moves import Because
from gateway.intake.places import load_places
from gateway.sealing import Sealer

LearnPlaces = Callable[[set[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What intake's routes need."""

    database: Database
    sealer: Sealer
    clock: Clock
    log: Log
    access: Access
    receiving: Receiving
    confirming: Confirming
    wordings: Wordings
    limits: Limits
    learn_places: LearnPlaces

    async def area(self, school: str) -> str:
        """The area of the office in charge of the school; its register is asked once."""
        return area_of(school, await self._place(school))

    async def require_school(self, grant: Grant, school: str) -> str:
        """The area of a school within the grant's reach; else refuse as if it did not exist."""
        if grant.scope.reach is Reach.INSTITUTION:
            # Before any register is asked about a school that is none of the caller's business.
            await self.access.require_covered(grant, institution=school, area="")
            return await self._area_by_now(school)
        area = await self.area(school)
        await self.access.require_covered(grant, institution=school, area=area)
        return area

    async def _area_by_now(self, school: str) -> str:
        """The school's area, by its code alone while the register that knows better is away."""
        try:
            return await self.area(school)
        except SystemFailure:
            return area_of(school, None)

    async def find_intake(self, grant: Grant, intake_id: str) -> IntakeSummary:
        """The intake, if it exists and the grant reaches it."""
        async with self.database.reading() as connection:
            intake = await find_intake(connection, intake_id)
            school = str(intake.school) if intake is not None else ""
            # Looked up for an absent intake too, or absence would answer sooner than refusal.
            places = await load_places(connection, [school])
        if intake is None:
            await self.access.refuse(grant, "absent")
        area = area_of(school, places.get(school))
        await self.access.require_covered(grant, institution=school, area=area)
        async with self.database.reading() as connection:
            return await summarise(connection, intake)

    async def _place(self, school: str) -> Institution | None:
        known = await self._known(school)
        if known is None:
            await self.learn_places({school})
            known = await self._known(school)
        return known

    async def _known(self, school: str) -> Institution | None:
        async with self.database.reading() as connection:
            return (await load_places(connection, [school])).get(school)


def because_of(grant: Grant, reason: str = "") -> Because:
    """Why something is moved: the person behind the grant decided."""
    return Because(
        actor=grant.actor,
        purpose=str(grant.purpose or ""),
        basis=grant.basis,
        case=grant.case,
        trace_id=grant.trace_id,
        reason=reason,
    )
