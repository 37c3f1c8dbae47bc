"""The desk behind the routes of problem records: finds what may be seen, lets people act."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Log
from gateway.verification.problems.acts.acting import Acting
from gateway.verification.problems.doors.showing import view_state
from gateway.verification.problems.doors.sight import sight_of
from gateway.verification.problems.doors.views import ProblemState
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.record import Record, load
from gateway.verification.problems.rules.refusals import Refusal, Refused, load_refusals
from gateway.verification.problems.rules.states import NotAllowed
from gateway.verification.problems.steps import Because
from gateway.verification.problems.tables import problem_steps
from gateway.web.preconditions import entity_tag, require_match
from gateway.web.problems import Fault, Kind, Problem
from gateway.web.targets import Target


class Act(Protocol):
    """What a person does with one record."""

    def __call__(
        self, acting: Acting, connection: AsyncConnection, problem_id: str, *, because: Because
    ) -> Awaitable[Record]:
        """The record after it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes need."""

    database: Database
    clock: Clock
    log: Log
    access: Access
    holdings: Holdings
    acting: Acting

    async def find(self, grant: Grant, problem_id: str) -> Record:
        """The record, if it exists and may be seen; else refuse alike."""
        async with self.database.reading() as connection:
            found = await load(connection, [problem_id])
        if not found:
            await self.access.refuse(grant, "absent")
        if not sight_of(grant).covers(found[0]):
            await self.access.refuse(grant, "scope")
        return found[0]

    async def act(self, grant: Grant, problem: Target, act: Act) -> ProblemState:
        """Where the record stands after the act, which holds for the version If-Match names."""
        await self.find(grant, problem.named)
        try:
            async with self.database.transaction() as connection:
                (seen,) = await load(connection, [problem.named], lock=True)
                require_match(problem.if_match, version_of(seen))
                stored = await act(
                    self.acting, connection, problem.named, because=because_of(grant)
                )
                reason = await _last_reason(connection, stored)
        except Refused as refused:
            raise _problem(refused.refusal) from None
        except NotAllowed:
            raise _problem(Refusal.NOT_ALLOWED) from None
        return view_state(stored, reason)


def version_of(record: Record) -> str:
    """What If-Match names."""
    return f"{record.problem_id}.{record.version}"


def tag_of(record: Record) -> str:
    """The record's ETag."""
    return entity_tag(version_of(record))


def because_of(grant: Grant) -> Because:
    """The person behind the grant acts."""
    purpose = str(grant.purpose or "")
    return Because(grant.actor, purpose, grant.basis, grant.case, grant.trace_id)


async def _last_reason(connection: AsyncConnection, record: Record) -> str:
    steps = problem_steps.c
    query = select(steps.reason).where(steps.problem_id == record.problem_id)
    last = await connection.execute(query.order_by(steps.place.desc()).limit(1))
    return str(last.scalar_one())


def _problem(refusal: Refusal) -> Problem:
    wording = load_refusals()[refusal]
    fault = Fault(refusal.value, "#", wording.zh, wording.en)
    return Problem(Kind(wording.kind), [fault], detail=wording.zh, detail_en=wording.en)
