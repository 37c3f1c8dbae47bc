"""The desk behind the doors of periodic verification: finds what may be seen, lets people act."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.access.vocabulary import Purpose
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.office_hours import OFFICE_TIME
from gateway.verification.periodic.closing import Closing
from gateway.verification.periodic.listing import Listing
from gateway.verification.periodic.reporting import Reporting
from gateway.verification.periodic.roster import Overtaken, Roster, load_roster
from gateway.verification.periodic.round import Round, load_round, touches
from gateway.verification.periodic.rules import REFUSAL_TEXTS, Refusal, Refused
from gateway.verification.periodic.signing import Signing
from gateway.verification.periodic.starting import Starting
from gateway.web.preconditions import entity_tag, require_match
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.targets import Target

# To watch over schools nobody needs a child's name.
_PURPOSES_WITH_VALUES = frozenset({Purpose.ENROLMENT, Purpose.ARBITRATION})
# What is wrong with what was sent; all else is wrong with the moment.
_OF_THE_CONTENT = frozenset({Refusal.UNKNOWN_RECORD, Refusal.LISTED_TWICE, Refusal.UNKNOWN_PLACE})
Act = Callable[[AsyncConnection, Grant, str], Awaitable[Roster]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes need; a temporary number is old after `temporary_days`."""

    database: Database
    clock: Clock
    log: Log
    access: Access
    starting: Starting
    listing: Listing
    signing: Signing
    closing: Closing
    reporting: Reporting
    temporary_days: int

    @property
    def today(self) -> date:
        """The offices' day."""
        return self.clock.now().astimezone(OFFICE_TIME).date()

    @property
    def old_before(self) -> timedelta:
        """How long a temporary number may be in force."""
        return timedelta(days=self.temporary_days)

    async def find(self, grant: Grant, round_id: str) -> Round:
        """The round, if the caller has to do with it; else refuse alike."""
        async with self.database.reading() as connection:
            found = await load_round(connection, round_id)
            reached = await touches(connection, grant.scope, round_id)
        if found is None:
            await self.access.refuse(grant, "absent")
        if not reached:
            await self.access.refuse(grant, "scope")
        return found

    async def find_roster(self, grant: Grant, roster_id: str) -> Roster:
        """The roster, if the caller reaches its school; else refuse alike."""
        async with self.database.reading() as connection:
            found = await load_roster(connection, roster_id)
        if found is None:
            await self.access.refuse(grant, "absent")
        await self.access.require_covered(grant, institution=found.school, area=found.area)
        return found

    async def act(self, grant: Grant, roster: Target, act: Act) -> Roster:
        """The roster after an act that holds for the version If-Match names."""
        await self.find_roster(grant, roster.named)
        async with self.acting() as connection:
            seen = await load_roster(connection, roster.named, lock=True)
            if seen is not None:
                require_match(roster.if_match, version_of(seen))
            return await act(connection, grant, roster.named)

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in which a refusal becomes a problem."""
        try:
            async with self.database.transaction() as connection:
                yield connection
        except Refused as refused:
            raise problem_of(refused.refusal) from None
        except Overtaken:
            raise Problem(Kind.GONE_STALE) from None

    async def note(self, grant: Grant, action: Action, outcome: str, object_ref: str = "") -> None:
        """Put on record that something was read."""
        async with self.database.transaction() as connection:
            await self.log.append(connection, [grant.entry(action, outcome, object_ref)])


def shows_values(grant: Grant) -> bool:
    """Whether names are shown for this purpose."""
    return grant.purpose in _PURPOSES_WITH_VALUES


def version_of(roster: Roster) -> str:
    """What If-Match names."""
    return f"{roster.roster_id}.{roster.version}"


def tag_of(roster: Roster) -> str:
    """The roster's ETag."""
    return entity_tag(version_of(roster))


def problem_of(refusal: Refusal) -> Problem:
    """What the caller is told."""
    zh, en = REFUSAL_TEXTS[refusal]
    kind = Kind.INVALID_REQUEST if refusal in _OF_THE_CONTENT else Kind.CONFLICT
    return Problem(kind, [Fault(refusal.value, "#", zh, en)], detail=zh, detail_en=en)
