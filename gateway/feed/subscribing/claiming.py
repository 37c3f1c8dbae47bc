"""Redeeming a claim ticket: the school a child is assigned to learns who it is, once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.feed.subscribing.tables import claim_tickets
from gateway.feed.subscribing.tickets import Tickets
from gateway.people.numbers import NUMBER, Chain, People
from gateway.sealing import Sealer
from gateway.web.problems import Kind, Problem

_SPENT = "凭证已兑取或已过期。"
_SPENT_EN = "The ticket was redeemed before or has expired."

# The handover of a child, known by its number indexes, at a school; None where there is none.
HandoverAt = Callable[[AsyncConnection, str, Sequence[str]], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Who a ticket was about: the number in force, and the school's own handover, if any."""

    number: str = field(repr=False)
    handover_id: str | None
    school: str


@dataclass(frozen=True, slots=True)
class Claiming:
    """What redeeming needs."""

    database: Database
    sealer: Sealer = field(repr=False)
    clock: Clock
    log: Log
    access: Access
    people: People
    handover_at: HandoverAt

    async def redeem(self, grant: Grant, ticket: str) -> Redeemed:
        """Who the ticket is about; it is used up by that.

        Forged, another school's, or about nobody: refused alike. The school it is for is told
        where it was used before or has expired: raises `Problem`.
        """
        place = Tickets(self.sealer).read(ticket) or ("", 0)
        async with self.database.transaction() as connection:
            redeemed = await self._redeem(connection, grant, place)
        return redeemed if redeemed is not None else await self.access.refuse(grant, "absent")

    async def _redeem(
        self, connection: AsyncConnection, grant: Grant, place: tuple[str, int]
    ) -> Redeemed | None:
        person_id = await _assigned(connection, place, grant.institution)
        chain = await self.people.chain_of(connection, person_id)
        if chain is None:
            return None
        if not await _use_up(connection, place, grant.caller, self.clock.now()):
            raise Problem(Kind.CONFLICT, detail=_SPENT, detail_en=_SPENT_EN)
        subscription_id, number = place
        content = {"subscription": subscription_id, "event": str(number)}
        entry = grant.entry(Action.CLAIM_REDEEMED, "redeemed", person_id, **content)
        await self.log.append(connection, [entry])
        return await self._told(connection, grant.institution, chain)

    async def _told(self, connection: AsyncConnection, school: str, chain: Chain) -> Redeemed:
        indexes = [self.sealer.index(NUMBER, step.number) for step in chain.steps]
        return Redeemed(chain.current, await self.handover_at(connection, school, indexes), school)


async def _assigned(connection: AsyncConnection, place: tuple[str, int], institution: str) -> str:
    """The person a ticket of this school is about; empty where there is no such ticket."""
    query = select(claim_tickets.c.person_id).where(
        *_at(place), claim_tickets.c.school == institution
    )
    row: Row[tuple[str]] | None = (await connection.execute(query)).one_or_none()
    return row.person_id if row is not None else ""


async def _use_up(
    connection: AsyncConnection, place: tuple[str, int], caller: str, now: datetime
) -> bool:
    unused = (claim_tickets.c.used_at.is_(None), claim_tickets.c.expires_at > now)
    used = await connection.execute(
        update(claim_tickets).where(*_at(place), *unused).values(used_at=now, used_by=caller)
    )
    return used.rowcount == 1


def _at(place: tuple[str, int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    subscription_id, number = place
    return (
        claim_tickets.c.subscription_id == subscription_id,
        claim_tickets.c.number == number,
    )
