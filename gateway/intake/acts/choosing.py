"""A person names which of the records found is this child, or says that one of them is not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence import Action
from gateway.intake.acts.acting import Acting, Opened, each
from gateway.intake.acts.letting_go import let_go
from gateway.intake.claiming import claim, claimable
from gateway.intake.found import Found, load_found, reject
from gateway.intake.handover import Handover
from gateway.intake.moves import Because
from gateway.intake.rules.refusals import Refusal, Refused, RowsRefused
from gateway.intake.rules.states import Event, Hold
from gateway.intake.steps.looking import LOOK
from gateway.intake.tables import claims
from gateway.leases import enqueue
from gateway.people.numbers import NumbersCollide


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the records found for a handover; `by_county` where the county decides."""

    handover_id: str
    record_id: str
    by_county: bool


async def choose(
    acting: Acting, connection: AsyncConnection, choice: Choice, because: Because
) -> list[Handover]:
    """The handover on its way to an offer of the chosen record; raise `RowsRefused`."""
    now = acting.clock.now()
    opened = await acting.open(connection, [choice.handover_id])
    found = await load_found(connection, opened.handovers, opened.keys)

    def chosen(_: int, handover: Handover) -> Handover:
        _require_candidate(handover, found, choice)
        moved = handover.moved(Event.CHOOSE, now)
        return replace(moved, chosen_record=choice.record_id, offer_hash=None, proposed_by=None)

    after = each(opened.handovers, chosen)
    await _claim(connection, after, found)
    for handover in opened.handovers:
        await _join_numbers(acting, connection, handover, found, choice, because)
    because = replace(because, action=Action.HANDOVER_CHOSEN_CANDIDATE)
    return await _look_again(acting, connection, opened, after, because, choice, "chosen")


async def reject_candidate(
    acting: Acting, connection: AsyncConnection, choice: Choice, because: Because
) -> list[Handover]:
    """The handover looked up again without this record, for good; raise `RowsRefused`."""
    now = acting.clock.now()
    opened = await acting.open(connection, [choice.handover_id])
    found = await load_found(connection, opened.handovers, opened.keys)

    def rejected(_: int, handover: Handover) -> Handover:
        _require_candidate(handover, found, choice)
        return _without(handover, choice.record_id, now)

    after = each(opened.handovers, rejected)
    for handover in opened.handovers:
        await reject(connection, handover.handover_id, choice.record_id, because.actor.user)
        own = [index for index in (handover.document_index, handover.number_index) if index]
        await let_go(connection, [handover.handover_id], now, keeping=own)
    because = replace(because, action=Action.HANDOVER_REJECTED_CANDIDATE)
    return await _look_again(acting, connection, opened, after, because, choice, "rejected")


def _without(handover: Handover, record_id: str, now: datetime) -> Handover:
    kept = None if handover.chosen_record == record_id else handover.chosen_record
    moved = handover.moved(Event.REJECT, now)
    return replace(moved, chosen_record=kept, offer_hash=None, proposed_by=None)


def _require_candidate(
    handover: Handover, found: Mapping[str, list[Found]], choice: Choice
) -> None:
    if handover.hold == Hold.DUPLICATE_PRESCHOOL and not choice.by_county:
        raise Refused(Refusal.COUNTY_ONLY)
    counting = [one for one in found[handover.handover_id] if not one.rejected]
    if all(one.record.record_id != choice.record_id for one in counting):
        raise Refused(Refusal.UNKNOWN_CANDIDATE)


async def _claim(
    connection: AsyncConnection, after: list[Handover], found: Mapping[str, list[Found]]
) -> None:
    """Claim what was chosen; two children of one school can never be the same record.

    Another school's claim is no refusal: looking again then ends in that hold.
    """
    for place, handover in enumerate(after):
        wanted = claimable(handover, found[handover.handover_id])
        await claim(connection, [(handover, wanted)])
        taken = select(claims.c.handover_id).where(
            claims.c.child_index.in_(sorted(wanted)),
            claims.c.school == handover.school,
            claims.c.handover_id != handover.handover_id,
        )
        if (await connection.execute(taken)).first() is not None:
            raise RowsRefused([(place, Refusal.TAKEN_HERE)])


async def _join_numbers(
    acting: Acting,
    connection: AsyncConnection,
    handover: Handover,
    found: Mapping[str, list[Found]],
    choice: Choice,
    because: Because,
) -> None:
    """Let the numbers of a child's other preschool records lead to the one the county chose."""
    if handover.hold != Hold.DUPLICATE_PRESCHOOL:
        return
    counting = [one for one in found[handover.handover_id] if not one.rejected]
    numbers = {one.record.record_id: one.record.child.identity.number for one in counting}
    chosen = numbers.pop(choice.record_id)
    for other in sorted({number for number in numbers.values() if number} - {chosen}):
        if chosen is not None:
            await _join(acting, connection, other, chosen, because)


async def _join(
    acting: Acting, connection: AsyncConnection, old: str, new: str, because: Because
) -> None:
    at, user = acting.clock.now(), because.actor.user
    try:
        person = await acting.people.renumber(
            connection, old, new, at=at, reason="duplicate_preschool", decider=user
        )
    except NumbersCollide:
        # Both belong to persons known apart already; their chains stay as they are.
        return
    if person is not None:
        entry = person.entry(acting.sealer, because.actor, because.purpose, because.case)
        await acting.moves.log.append(connection, [entry])


async def _look_again(
    acting: Acting,
    connection: AsyncConnection,
    opened: Opened,
    after: list[Handover],
    because: Because,
    choice: Choice,
    outcome: str,
) -> list[Handover]:
    detail = {"record": choice.record_id}
    stored = await acting.commit(connection, opened, after, because, outcome, detail)
    looking = [handover.handover_id for handover in stored]
    await enqueue(connection, LOOK, looking, acting.clock.now())
    return stored
