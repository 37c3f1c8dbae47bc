"""A child leaves the list (移出名单), or its passage is to be undone (撤销调档)."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence import Action
from gateway.intake.acts.acting import Acting, each, require_at_rest
from gateway.intake.acts.letting_go import let_go
from gateway.intake.found import forget_found
from gateway.intake.handover import Handover
from gateway.intake.moves import Because
from gateway.intake.rules.refusals import Refusal, Refused
from gateway.intake.rules.states import Event, State, transition
from gateway.intake.rules.undoing import Undo
from gateway.intake.rules.windows import REVERSE as REVERSE_WINDOW
from gateway.intake.rules.writes import NOT_OURS
from gateway.intake.steps.reversing import REVERSE
from gateway.leases import enqueue


async def withdraw(
    acting: Acting, connection: AsyncConnection, handover_id: str, reason: str, because: Because
) -> list[Handover]:
    """The handover taken off the list; the child may be claimed by another school at once."""
    now = acting.clock.now()
    opened = await acting.open(connection, [handover_id])
    after = each(opened.handovers, lambda _, handover: handover.moved(Event.WITHDRAW, now))
    because = replace(because, action=Action.HANDOVER_WITHDRAWN)
    detail = {"reason": reason}
    stored = await acting.commit(connection, opened, after, because, "withdrawn", detail)
    gone = [handover.handover_id for handover in stored]
    await let_go(connection, gone, now)
    await forget_found(connection, gone)
    return stored


async def begin_reversal(
    acting: Acting, connection: AsyncConnection, handover_id: str, reason: str, because: Because
) -> list[Handover]:
    """The handover marked to be undone in both registers; it is `reversed` when both have done so.

    Raises `RowsRefused`: after 核准 only a transfer helps.
    """
    opened = await acting.open(connection, [handover_id])

    def begun(_: int, handover: Handover) -> Handover:
        _require_reversible(handover)
        acting.require_window(REVERSE_WINDOW)
        return replace(handover, writing=Undo.REMOVE.value)

    after = each(opened.handovers, begun)
    because = replace(because, action=Action.HANDOVER_REVERSED)
    detail = {"reason": reason}
    stored = await acting.commit(connection, opened, after, because, "reversal_begun", detail)
    await enqueue(connection, REVERSE, [h.handover_id for h in stored], acting.clock.now())
    return stored


def _require_reversible(handover: Handover) -> None:
    if handover.state == State.REGISTERED:
        raise Refused(Refusal.REGISTERED)
    transition(handover.situation, Event.REVERSE)
    require_at_rest(handover)
    if {handover.create_receipt, handover.closing_receipt} & NOT_OURS:
        raise Refused(Refusal.NOT_OURS)
