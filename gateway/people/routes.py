"""POST /v1/numbers/resolve: any number a child ever had leads to the one in force."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant, Scope
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.database import Database
from gateway.evidence import Action, Log
from gateway.people.numbers import NUMBER, Chain, People
from gateway.people.walking import look_at
from gateway.sealing import Sealer
from gateway.web.routing import open_router


class NumberAsked(BaseModel):
    """A number, or an alias of whatever form; in the body, as it may hold a citizen number."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    number: Annotated[str, Field(min_length=1, max_length=64, repr=False)]


class NumberStep(BaseModel):
    """One number of the chain: how long it was in force, why it came, and who decided."""

    number: str = Field(repr=False)
    kind: str
    since_at: datetime
    until_at: datetime | None
    reason: str
    decider: str


class NumberChain(BaseModel):
    """All numbers of one child, oldest first; `current` is in force."""

    current: str = Field(repr=False)
    chain: list[NumberStep]


# Whether a scope reaches a child that is known by one of these number indexes.
Reaches = Callable[[AsyncConnection, Scope, Sequence[str]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What resolving needs."""

    database: Database
    people: People
    sealer: Sealer
    log: Log
    access: Access
    reaches: Reaches

    async def find(self, connection: AsyncConnection, grant: Grant, number: str) -> Chain | None:
        """The chain, if the number is known and its child within the grant's reach."""
        chain = await self.people.resolve(connection, number)
        numbers = [step.number for step in chain.steps] if chain is not None else [number]
        indexes = [self.sealer.index(NUMBER, each) for each in numbers]
        # Asked about an unknown number too, or absence would answer sooner than refusal.
        within = await self.reaches(connection, grant.scope, indexes)
        return chain if within else None


def number_routes(numbers: Numbers) -> APIRouter:
    """The route that resolves numbers."""
    router = open_router("numbers")
    resolving: Any = Depends(Admission(numbers.access, Operation.NUMBER_RESOLVE))

    @router.post("/v1/numbers/resolve", summary="学籍号解析 · Resolve a number")
    async def resolve(asked: NumberAsked, grant: Annotated[Grant, resolving]) -> NumberChain:
        """The number in force and its whole chain, for a child within the caller's reach."""
        async with numbers.database.transaction() as connection:
            chain = await numbers.find(connection, grant, asked.number)
            if chain is not None:
                resolved = grant.entry(Action.NUMBER_RESOLVED, "resolved", chain.person_id)
                await numbers.log.append(connection, [resolved])
            # A miss is a look too: who walks through numbers mostly misses.
            seen = look_at(asked.number, numbers.sealer)
            await numbers.access.looks.note(connection, grant, [seen])
        if chain is None:
            await numbers.access.refuse(grant, "absent")
        return _view(chain)

    return router


def _view(chain: Chain) -> NumberChain:
    return NumberChain(
        current=chain.current,
        chain=[
            NumberStep(
                number=step.number,
                kind=step.kind,
                since_at=step.since_at,
                until_at=step.until_at,
                reason=step.reason,
                decider=step.decider,
            )
            for step in chain.steps
        ],
    )
