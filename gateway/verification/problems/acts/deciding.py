"""The offices: accept what was proposed, refer it higher, send it back, or end it themselves."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.number import NumberKind
from contracts.records import Identity
from gateway.access.vocabulary import Role
from gateway.leases import enqueue
from gateway.verification.claims import index_question
from gateway.verification.problems.acts.acting import Acting, Opened
from gateway.verification.problems.findings import GATHER, SEEK
from gateway.verification.problems.gathered import Gathered, settle, tell_apart
from gateway.verification.problems.proposal import open_proposal
from gateway.verification.problems.record import Record
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.rules.refusals import Refusal, Refused
from gateway.verification.problems.rules.remedies import REMEDIES, Remedy, Resolution
from gateway.verification.problems.rules.seats import OFFICE_OF, Office, seat_of
from gateway.verification.problems.rules.states import Event, State
from gateway.verification.problems.rules.turns import Act
from gateway.verification.problems.steps import Because
from gateway.verification.problems.superseded import supersede
from gateway.verification.query import Request

_ENDS = {Remedy.EVIDENCE: Resolution.EVIDENCE, Remedy.DELETION: Resolution.DELETION}

# Where such a record is deleted, the other one is the same child's.
_ONE_PERSON = frozenset({ProblemClass.DOCUMENT_TWICE_ONE_PERSON, ProblemClass.PERSON_TWICE})


async def accept(
    acting: Acting,
    connection: AsyncConnection,
    problem_id: str,
    role: Role,
    remark: str,
    because: Because,
) -> Record:
    """The record after the office accepted its proposal: closed, or its change verified again."""
    opened = await acting.open(connection, problem_id, Act.DECIDE, role)
    if opened.record.remedy is None:
        raise Refused(Refusal.NOT_ALLOWED)
    remedy = Remedy(opened.record.remedy)
    _require_seat(opened, deletes=remedy is Remedy.DELETION)
    _require_reference(opened, remark)
    if remedy is Remedy.CHANGE:
        return await _accept_change(acting, connection, opened, remark, because)
    return await _accept(acting, connection, opened, remedy, remark, because)


async def refer(
    acting: Acting,
    connection: AsyncConnection,
    problem_id: str,
    role: Role,
    remark: str,
    because: Because,
) -> Record:
    """The record before the next office."""
    opened = await acting.open(connection, problem_id, Act.REFER, role)
    after = opened.record.moved(Event.REFER, acting.clock.now())
    return await acting.take(connection, opened, Event.REFER, after, because, remark=remark)


async def reject(
    acting: Acting,
    connection: AsyncConnection,
    problem_id: str,
    role: Role,
    remark: str,
    because: Because,
) -> Record:
    """The record one step back, with the reason."""
    opened = await acting.open(connection, problem_id, Act.REJECT, role)
    after = opened.record.moved(Event.REJECT, acting.clock.now())
    return await acting.take(connection, opened, Event.REJECT, after, because, remark=remark)


async def close(
    acting: Acting,
    connection: AsyncConnection,
    problem_id: str,
    role: Role,
    resolution: Resolution,
    remark: str,
    because: Because,
) -> Record:
    """The record ended by an office; two persons told apart are never held together again."""
    opened = await acting.open(connection, problem_id, Act.CLOSE, role)
    twice = [one for one in opened.standing if one.duplicate]
    apart = resolution is Resolution.TWO_PERSONS
    if apart and not twice:
        raise Refused(Refusal.NO_DUPLICATE)
    _require_seat(opened, deletes=False)
    _require_reference(opened, remark)
    if apart:
        await tell_apart(connection, twice, because.actor.user, acting.clock.now())
        await acting.uniting.part(connection, opened.record, twice)
    settled = twice if apart else opened.standing
    return await _end(acting, connection, opened, Event.CLOSE, resolution, settled, remark, because)


async def _accept(
    acting: Acting,
    connection: AsyncConnection,
    opened: Opened,
    remedy: Remedy,
    remark: str,
    because: Because,
) -> Record:
    deletes = remedy is Remedy.DELETION
    settled = opened.standing if deletes else _settled_by(remedy, opened.standing)
    if deletes:
        same = [one for one in opened.standing if one.problem_class in _ONE_PERSON]
        await acting.uniting.merge(connection, opened.record, same, because)
    else:
        # Each record being right as it stands, they are two children of one name and birthday.
        namesakes = [one for one in settled if one.problem_class is ProblemClass.PERSON_TWICE]
        await tell_apart(connection, namesakes, because.actor.user, acting.clock.now())
        await acting.uniting.part(connection, opened.record, namesakes)
    return await _end(
        acting, connection, opened, Event.ACCEPT, _ENDS[remedy], settled, remark, because
    )


async def _accept_change(
    acting: Acting, connection: AsyncConnection, opened: Opened, remark: str, because: Because
) -> Record:
    now, record = acting.clock.now(), opened.record
    proposal = open_proposal(record.sealed_proposal or b"", opened.key)
    before = opened.held.identity
    after = proposal.change.apply(before) if proposal.change else before
    await acting.holdings.correct(connection, record.subject_id, after, now)
    await acting.positives.forget(connection, _citizen_numbers(before, after))
    # What stood against the former particulars is over; what stands against the new ones is found
    # by holding them against the register and all other records.
    settled = _settled_by(Remedy.CHANGE, opened.standing)
    mirrored = [one.mirrored for one in settled if one.duplicate]
    await _put_aside(acting, connection, opened, settled, after)
    await settle(connection, [], [*settled, *mirrored], now, None)
    changing = record.moved(Event.ACCEPT_CHANGE, now)
    stored = await acting.take(
        connection, opened, Event.ACCEPT_CHANGE, changing, because, remark=remark
    )
    await _verify_again(acting, connection, opened, after)
    return stored


async def _put_aside(
    acting: Acting,
    connection: AsyncConnection,
    opened: Opened,
    settled: Sequence[Gathered],
    after: Identity,
) -> None:
    """Let what was asked of the former particulars open nothing while a register holds them."""
    asked = {index_question(opened.held.identity, acting.sealer), *(one.claim for one in settled)}
    former = asked - {index_question(after, acting.sealer)}
    quiet_until = acting.clock.now() + acting.quiet_for
    await supersede(connection, opened.record.subject_id, former, quiet_until)


async def _verify_again(
    acting: Acting, connection: AsyncConnection, opened: Opened, identity: Identity
) -> None:
    """Have the changed record held against the register and all other records."""
    record, now = opened.record, acting.clock.now()
    again = Request(
        subject_id=record.subject_id,
        key_id=record.key_id,
        key=opened.key,
        school=record.school,
        area=record.area,
        trace_id=record.problem_id,
        identity=identity,
        wake=GATHER,
    )
    await acting.requesting.request(connection, [again], now)
    # Where number and name stay as they were, nobody is asked anew and nothing else wakes them.
    await enqueue(connection, SEEK, [record.school], now)
    await enqueue(connection, GATHER, [record.subject_id], now)


async def _end(
    acting: Acting,
    connection: AsyncConnection,
    opened: Opened,
    event: Event,
    resolution: Resolution,
    settled: Sequence[Gathered],
    remark: str,
    because: Because,
) -> Record:
    now = acting.clock.now()
    after = replace(opened.record.moved(event, now), resolution=resolution.value)
    await settle(connection, opened.found, settled, now, now + acting.quiet_for)
    return await acting.take(
        connection, opened, event, after, because, reason=resolution, remark=remark
    )


def _settled_by(remedy: Remedy, standing: Sequence[Gathered]) -> list[Gathered]:
    return [one for one in standing if remedy in REMEDIES[one.problem_class]]


def _require_seat(opened: Opened, *, deletes: bool) -> None:
    record, number = opened.record, opened.held.number
    others = [one.counterpart_area for one in opened.standing if one.duplicate]
    national = deletes and (number or "").startswith(NumberKind.FORMAL)
    seat = seat_of(record.area, others, deletes_a_national_number=national)
    office = OFFICE_OF.get(record.state, Office.COUNTY) if record.state else Office.COUNTY
    if office < seat:
        raise Refused(Refusal.HIGHER_OFFICE)


def _require_reference(opened: Opened, remark: str) -> None:
    if opened.record.state is State.AT_MINISTRY and not remark:
        raise Refused(Refusal.REFERENCE_MISSING)


def _citizen_numbers(*identities: Identity) -> list[str]:
    return [one.document.number for one in identities if one.document]
