"""The county approves a passage (核准), returns it with a reason, or takes either back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence import Action
from gateway.intake.acts.acting import Acting, each, require_at_rest
from gateway.intake.handover import Handover
from gateway.intake.moves import Because
from gateway.intake.rules.refusals import Refusal, Refused
from gateway.intake.rules.states import Event
from gateway.intake.rules.windows import APPROVE

RETURN_REASON = "return_reason"  # the context the reason is sealed under


async def approve(
    acting: Acting, connection: AsyncConnection, handover_ids: Sequence[str], because: Because
) -> list[Handover]:
    """The handovers 已核准; all of them, or `RowsRefused`. Several at once only where set."""
    many = len(handover_ids) > 1

    def approved(handover: Handover, now: datetime) -> Handover:
        _require_approval(acting, many=many)
        return handover.moved(Event.APPROVE, now)

    because = replace(because, action=Action.HANDOVER_APPROVED)
    return await _move(acting, connection, handover_ids, approved, because, "registered")


async def return_to_school(
    acting: Acting, connection: AsyncConnection, handover_id: str, reason: str, because: Because
) -> list[Handover]:
    """The handover 核准退回, the reason kept with the child; raise `RowsRefused`."""
    now = acting.clock.now()
    opened = await acting.open(connection, [handover_id])

    def returned(_: int, handover: Handover) -> Handover:
        _require_approval(acting, many=False)
        require_at_rest(handover)
        sealed = opened.key(handover).seal(reason.encode(), RETURN_REASON)
        return replace(handover.moved(Event.RETURN, now), sealed_return_reason=sealed)

    after = each(opened.handovers, returned)
    because = replace(because, action=Action.HANDOVER_RETURNED)
    detail = {"reason": reason}
    return await acting.commit(connection, opened, after, because, "returned", detail)


async def resubmit(
    acting: Acting, connection: AsyncConnection, handover_id: str, because: Because
) -> list[Handover]:
    """The handover before the county again, after what was wrong was put right."""

    def resubmitted(handover: Handover, now: datetime) -> Handover:
        return handover.moved(Event.RESUBMIT, now)

    return await _move(acting, connection, [handover_id], resubmitted, because, "resubmitted")


async def undo_approval(
    acting: Acting, connection: AsyncConnection, handover_id: str, because: Because
) -> list[Handover]:
    """The handover as it was before the county approved or returned it."""

    def undone(handover: Handover, now: datetime) -> Handover:
        _require_approval(acting, many=False)
        return replace(handover.moved(Event.UNDO, now), sealed_return_reason=None)

    because = replace(because, action=Action.HANDOVER_DECIDED)
    return await _move(acting, connection, [handover_id], undone, because, "approval_undone")


async def _move(
    acting: Acting,
    connection: AsyncConnection,
    handover_ids: Sequence[str],
    act: Callable[[Handover, datetime], Handover],
    because: Because,
    outcome: str,
) -> list[Handover]:
    now = acting.clock.now()
    opened = await acting.open(connection, handover_ids)

    def moved(_: int, handover: Handover) -> Handover:
        require_at_rest(handover)
        return act(handover, now)

    after = each(opened.handovers, moved)
    return await acting.commit(connection, opened, after, because, outcome)


def _require_approval(acting: Acting, *, many: bool) -> None:
    if acting.county_approval == "off":
        raise Refused(Refusal.APPROVAL_OFF)
    if many and acting.county_approval == "each":
        raise Refused(Refusal.ONE_BY_ONE)
    acting.require_window(APPROVE)
