"""The county decides on holds: whose a child is, whether a death mark is its, a fresh look."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence import Action
from gateway.intake.acts.acting import Acting, Opened, each
from gateway.intake.claiming import claimable
from gateway.intake.found import load_found
from gateway.intake.handover import Handover, load
from gateway.intake.moves import Because
from gateway.intake.rules.refusals import Refusal, Refused
from gateway.intake.rules.states import Event, Hold, NotAllowed, State
from gateway.intake.steps.looking import LOOK
from gateway.intake.tables import claims
from gateway.leases import enqueue
from gateway.sealing import load_keys

# A school that has come this far keeps the child, unless it reverses.
_CARRIED = (State.ACCEPTED, State.CARRIED, State.REGISTERED, State.RETURNED, State.CREATED)
_CARRYING = (Hold.OUTCOME_UNKNOWN, Hold.CLOSING_REFUSED)

Covers = Callable[[Handover], bool]


async def award(
    acting: Acting,
    connection: AsyncConnection,
    handover_id: str,
    covers: Covers,
    because: Because,
) -> list[Handover]:
    """The handover the child is awarded to, looked at again; so are those it was taken from.

    `covers` says whether the deciding office is in charge of a rival's school. Raises
    `RowsRefused`, also where a rival has carried the child already.
    """
    wanted = await _claimable(acting, connection, handover_id)
    holders = await _holders(connection, handover_id, wanted)
    opened = await acting.open(connection, [handover_id, *holders])
    ours = Opened(opened.handovers[:1], opened.keys)
    theirs = Opened(opened.handovers[1:], opened.keys)
    now = acting.clock.now()

    def awarded(_: int, handover: Handover) -> Handover:
        _require_awardable(handover, theirs.handovers, covers)
        return handover.moved(Event.LOOK, now)

    after = each(ours.handovers, awarded)
    await _take_over(connection, after[0], wanted, holders)
    lost = [h.moved(Event.LOOK, now) if h.state == State.OFFERED else h for h in theirs.handovers]
    because = replace(because, action=Action.HANDOVER_DECIDED)
    await _look(acting, connection, theirs, lost, because, "awarded_elsewhere")
    return await _look(acting, connection, ours, after, because, "awarded")


async def clear_identity(
    acting: Acting, connection: AsyncConnection, handover_id: str, because: Because
) -> list[Handover]:
    """The handover going on after the county found that the death mark is not this child's."""

    def cleared(handover: Handover) -> Handover:
        if handover.hold != Hold.IDENTITY_REVIEW:
            raise NotAllowed(handover.situation, Event.LOOK)
        return replace(handover, identity_cleared_by=because.actor.user)

    return await _decide(acting, connection, handover_id, cleared, because, "identity_cleared")


async def look_again(
    acting: Acting, connection: AsyncConnection, handover_id: str, because: Because
) -> list[Handover]:
    """The handover looked up again now, in any situation that looking led to."""
    return await _decide(acting, connection, handover_id, lambda h: h, because, "look_again")


async def _decide(
    acting: Acting,
    connection: AsyncConnection,
    handover_id: str,
    decide: Callable[[Handover], Handover],
    because: Because,
    outcome: str,
) -> list[Handover]:
    now = acting.clock.now()
    opened = await acting.open(connection, [handover_id])
    after = each(opened.handovers, lambda _, h: decide(h).moved(Event.LOOK, now))
    because = replace(because, action=Action.HANDOVER_DECIDED)
    return await _look(acting, connection, opened, after, because, outcome)


async def _look(
    acting: Acting,
    connection: AsyncConnection,
    opened: Opened,
    after: Sequence[Handover],
    because: Because,
    outcome: str,
) -> list[Handover]:
    stored = await acting.commit(connection, opened, after, because, outcome)
    looking = [handover.handover_id for handover in stored]
    await enqueue(connection, LOOK, looking, acting.clock.now())
    return stored


def _require_awardable(handover: Handover, rivals: Sequence[Handover], covers: Covers) -> None:
    if handover.hold != Hold.CLAIMED_ELSEWHERE:
        raise NotAllowed(handover.situation, Event.LOOK)
    if not rivals:
        raise Refused(Refusal.NOTHING_TO_AWARD)
    if not all(covers(rival) for rival in rivals):
        raise Refused(Refusal.OTHER_OFFICE)
    if any(rival.state in _CARRIED or rival.hold in _CARRYING for rival in rivals):
        raise Refused(Refusal.CARRIED_ELSEWHERE)


async def _claimable(
    acting: Acting, connection: AsyncConnection, handover_id: str
) -> frozenset[str]:
    """What the child is claimed by; read without a lock, so that all are locked in one order."""
    loaded = await load(connection, [handover_id])
    keys = await load_keys(connection, [h.key_id for h in loaded], acting.sealer)
    found = await load_found(connection, loaded, keys)
    return frozenset(index for h in loaded for index in claimable(h, found[h.handover_id]))


async def _holders(
    connection: AsyncConnection, handover_id: str, indexes: frozenset[str]
) -> list[str]:
    holding = select(claims.c.handover_id).where(
        claims.c.child_index.in_(sorted(indexes)), claims.c.handover_id != handover_id
    )
    return sorted(set((await connection.execute(holding)).scalars()))


async def _take_over(
    connection: AsyncConnection,
    handover: Handover,
    indexes: frozenset[str],
    holders: Sequence[str],
) -> None:
    await connection.execute(
        update(claims)
        .where(claims.c.child_index.in_(sorted(indexes)), claims.c.handover_id.in_(list(holders)))
        .values(handover_id=handover.handover_id, school=handover.school)
    )
