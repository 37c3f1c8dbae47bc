"""The school's two persons: the clerk proposes, the leader confirms the very same."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Claim
from contracts.outcomes import Outcome
from contracts.records import Identity
from gateway.access.vocabulary import Role
from gateway.people.indexes import index_identity
from gateway.verification.claims import claim_of
from gateway.verification.problems.acts.acting import Acting, Opened
from gateway.verification.problems.findings import COMPARE
from gateway.verification.problems.pairs import shares
from gateway.verification.problems.proposal import Proposal, seal_proposal
from gateway.verification.problems.record import Record
from gateway.verification.problems.rules.refusals import Refusal, Refused
from gateway.verification.problems.rules.remedies import Remedy, admits
from gateway.verification.problems.rules.states import Event
from gateway.verification.problems.rules.turns import Act
from gateway.verification.problems.steps import Because
from gateway.verification.query import Request


async def propose(
    acting: Acting,
    connection: AsyncConnection,
    problem_id: str,
    proposal: Proposal,
    because: Because,
) -> Record:
    """The record with the clerk's proposal; a change is checked before the leader sees it."""
    opened = await acting.open(connection, problem_id, Act.PROPOSE, Role.CLERK)
    no_record = proposal.remedy is Remedy.DELETION and not opened.held.recorded
    if no_record or not admits([one.problem_class for one in opened.standing], proposal.remedy):
        raise Refused(Refusal.REMEDY_UNSUITABLE)
    if proposal.change is None:
        return await _take(acting, connection, opened, proposal, Event.PROPOSE, because)
    changed = proposal.change.apply(opened.held.identity)
    if changed == opened.held.identity:
        raise Refused(Refusal.NOTHING_CHANGED)
    stored = await _take(acting, connection, opened, proposal, Event.PROPOSE_CHANGE, because)
    return await _check(acting, connection, replace(opened, record=stored), changed)


async def confirm(
    acting: Acting, connection: AsyncConnection, problem_id: str, because: Because
) -> Record:
    """The record before the county; proposer and confirmer are two persons."""
    opened = await acting.open(connection, problem_id, Act.CONFIRM, Role.LEADER)
    if opened.record.proposed_by == because.actor.user:
        raise Refused(Refusal.SAME_PERSON)
    after = opened.record.moved(Event.CONFIRM, acting.clock.now())
    after = replace(after, confirmed_by=because.actor.user)
    return await acting.take(connection, opened, Event.CONFIRM, after, because)


async def _take(
    acting: Acting,
    connection: AsyncConnection,
    opened: Opened,
    proposal: Proposal,
    event: Event,
    because: Because,
) -> Record:
    after = replace(
        opened.record.moved(event, acting.clock.now()),
        remedy=proposal.remedy.value,
        sealed_proposal=seal_proposal(proposal, opened.key),
        proposed_by=because.actor.user,
        confirmed_by=None,
        check_id=f"{opened.record.problem_id}-{opened.record.version}"
        if proposal.remedy is Remedy.CHANGE
        else None,
    )
    return await acting.take(
        connection, opened, event, after, because, reason=proposal.remedy, remark=proposal.reason
    )


async def _check(
    acting: Acting, connection: AsyncConnection, opened: Opened, changed: Identity
) -> Record:
    """Hold the changed particulars against all records (查重), then against the register."""
    if await _another_has(acting, connection, opened, changed):
        return await _checked(acting, connection, opened, Event.FAIL_CHECK, "duplicate")
    claim = claim_of(changed)
    if claim is Outcome.INVALID_CLAIM:
        return await _checked(acting, connection, opened, Event.FAIL_CHECK, Outcome.INVALID_CLAIM)
    if not isinstance(claim, Claim):
        return await _checked(acting, connection, opened, Event.PASS_CHECK, claim)
    await _compare(acting, connection, opened, changed, acting.clock.now())
    return opened.record


async def _checked(
    acting: Acting, connection: AsyncConnection, opened: Opened, event: Event, reason: str
) -> Record:
    after = opened.record.moved(event, acting.clock.now())
    return await acting.take(connection, opened, event, after, Because(), reason=reason)


async def _another_has(
    acting: Acting, connection: AsyncConnection, opened: Opened, changed: Identity
) -> bool:
    indexes = index_identity(changed, acting.sealer)
    query = shares(acting.holdings.rows(), opened.record.subject_id, indexes)
    return bool((await connection.execute(select(query))).scalar_one())


async def _compare(
    acting: Acting, connection: AsyncConnection, opened: Opened, changed: Identity, now: datetime
) -> None:
    record = opened.record
    asked = Request(
        subject_id=record.check_id or "",
        key_id=record.key_id,
        key=opened.key,
        school=record.school,
        area=record.area,
        trace_id=record.problem_id,
        identity=changed,
        wake=COMPARE,
    )
    await acting.requesting.request(connection, [asked], now)
