"""The desk behind the doors of notices: takes them in, and lets the county decide."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.database import Database
from gateway.evidence import Log
from gateway.verification.notices.deciding import Deciding
from gateway.verification.notices.effects import chain_hash
from gateway.verification.notices.looking import Looked, Looking
from gateway.verification.notices.notice import Correction, Overtaken, load_correction
from gateway.verification.notices.rules import REFUSAL_TEXTS, Refused
from gateway.verification.notices.taking import Taking
from gateway.verification.notices.withdrawing import Withdrawing
from gateway.web.idempotency import Keys
from gateway.web.preconditions import entity_tag, require_match
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.targets import Target

Act = Callable[[AsyncConnection, Grant, Looked], Awaitable[Correction]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes need."""

    database: Database
    log: Log
    access: Access
    keys: Keys
    taking: Taking
    withdrawing: Withdrawing
    looking: Looking
    deciding: Deciding

    async def find(self, grant: Grant, correction_id: str) -> Correction:
        """The correction, if it exists and the caller reaches it; else refuse alike."""
        async with self.database.reading() as connection:
            found = await load_correction(connection, correction_id)
        if found is None:
            await self.access.refuse(grant, "absent")
        await self.access.require_covered(grant, institution=found.school, area=found.area)
        return found

    async def act(self, grant: Grant, correction: Target, act: Act) -> Correction:
        """The correction after an act that holds for what If-Match names."""
        await self.find(grant, correction.named)
        async with self.acting() as connection:
            looked = await self.looking.look(connection, correction.named, lock=True)
            require_match(correction.if_match, version_of(looked))
            return await act(connection, grant, looked)

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in which a refusal becomes a problem."""
        try:
            async with self.database.transaction() as connection:
                yield connection
        except Refused as refused:
            zh, en = REFUSAL_TEXTS[refused.refusal]
            fault = Fault(refused.refusal.value, "#", zh, en)
            raise Problem(Kind.CONFLICT, [fault], detail=zh, detail_en=en) from None
        except Overtaken:
            raise Problem(Kind.GONE_STALE) from None


def version_of(looked: Looked) -> str:
    """What If-Match names: the correction's version, and the chain of effects that was shown."""
    correction = looked.correction
    return f"{correction.correction_id}.{correction.version}.{chain_hash(looked.effects)[:16]}"


def tag_of(looked: Looked) -> str:
    """The correction's ETag."""
    return entity_tag(version_of(looked))
