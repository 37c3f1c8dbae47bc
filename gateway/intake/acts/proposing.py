"""The clerk proposes what was found, the leader confirms it: two persons, bound to one hash.

The hash is the offer's own; for a batch it is one over the list of children and their offers, so
that whoever confirms names exactly what was proposed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence import Action
from gateway.intake.acts.acting import Acting, each
from gateway.intake.handover import Handover
from gateway.intake.moves import Because
from gateway.intake.rules.refusals import Refusal, Refused
from gateway.intake.rules.states import Event, NotAllowed, State
from gateway.intake.rules.windows import CARRY as CARRY_WINDOW
from gateway.intake.steps.carrying import CARRY
from gateway.leases import enqueue


@dataclass(frozen=True, slots=True)
class Seen:
    """One offer as somebody saw it."""

    handover_id: str
    offer_hash: str


def batch_hash(batch: Sequence[Seen]) -> str:
    """The hash that stands for a whole list of offers; their order does not count."""
    listed = sorted([seen.handover_id, seen.offer_hash] for seen in batch)
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


async def propose(
    acting: Acting, connection: AsyncConnection, batch: Sequence[Seen], because: Because
) -> list[Handover]:
    """The handovers with the clerk's proposal on each; all of them, or `RowsRefused`."""
    opened = await acting.open(connection, [seen.handover_id for seen in batch])
    user = because.actor.user

    def proposed(place: int, handover: Handover) -> Handover:
        _require_offer(handover, batch[place], Event.CONFIRM)
        return replace(handover, proposed_by=user)

    after = each(opened.handovers, proposed)
    because = replace(because, action=Action.HANDOVER_PROPOSED, reason=_bound_to(batch))
    return await acting.commit(connection, opened, after, because, "proposed")


async def confirm(
    acting: Acting, connection: AsyncConnection, batch: Sequence[Seen], because: Because
) -> list[Handover]:
    """The handovers on their way to be carried; all of them, or `RowsRefused`."""
    opened = await acting.open(connection, [seen.handover_id for seen in batch])
    now, user = acting.clock.now(), because.actor.user

    def confirmed(place: int, handover: Handover) -> Handover:
        acting.require_window(CARRY_WINDOW)
        return _confirmed(handover, batch[place], user, now)

    after = each(opened.handovers, confirmed)
    because = replace(because, action=Action.HANDOVER_CONFIRMED, reason=_bound_to(batch))
    stored = await acting.commit(connection, opened, after, because, "accepted")
    await enqueue(connection, CARRY, [handover.handover_id for handover in stored], now)
    return stored


def _confirmed(handover: Handover, seen: Seen, user: str, now: datetime) -> Handover:
    _require_offer(handover, seen, Event.CONFIRM)
    if handover.proposed_by is None:
        raise Refused(Refusal.NOT_PROPOSED)
    if handover.proposed_by.casefold() == user.casefold():
        raise Refused(Refusal.SAME_PERSON)
    return handover.moved(Event.CONFIRM, now)


def _require_offer(handover: Handover, seen: Seen, event: Event) -> None:
    if handover.state != State.OFFERED:
        raise NotAllowed(handover.situation, event)
    if handover.offer_hash != seen.offer_hash:
        raise Refused(Refusal.OFFER_CHANGED)


def _bound_to(batch: Sequence[Seen]) -> str:
    return batch[0].offer_hash if len(batch) == 1 else batch_hash(batch)
