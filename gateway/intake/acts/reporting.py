"""A school reports which children have come (报到), one or many, and takes a report back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence import Action
from gateway.intake.acts.acting import Acting, each
from gateway.intake.acts.letting_go import let_go
from gateway.intake.handover import Handover
from gateway.intake.moves import Because
from gateway.intake.rules.entering import seal_reason
from gateway.intake.rules.states import Event, Hold, State
from gateway.intake.steps.looking import LOOK
from gateway.leases import enqueue
from gateway.sealing import DataKey

_BEFORE_ANY_SEARCH = (Hold.DATA_ERROR, Hold.ADMISSION_UNCONFIRMED)
_NOT_HERE = (State.LISTED, State.NO_SHOW, State.WITHDRAWN, State.REVERSED)


@dataclass(frozen=True, slots=True)
class Report:
    """Whether one child came, and when; or why it did not."""

    handover_id: str
    reported: bool
    on: date | None = None
    reason: str | None = None


async def report(
    acting: Acting, connection: AsyncConnection, reports: Sequence[Report], because: Because
) -> list[Handover]:
    """The handovers after their reports: those that came are looked up, those that did not wait.

    Raises `RowsRefused`; a report cannot be taken back once the writes began.
    """
    now = acting.clock.now()
    opened = await acting.open(connection, [report.handover_id for report in reports])
    after = each(
        opened.handovers, lambda place, h: _reported(h, reports[place], opened.key(h), now)
    )
    because = replace(because, action=Action.HANDOVER_REPORTED)
    stored = await acting.commit(connection, opened, after, because, "reported")
    looking = [h.handover_id for h in stored if h.state == State.SEARCHING]
    await enqueue(connection, LOOK, looking, now)
    gone = [h.handover_id for h in stored if h.state == State.LISTED]
    await let_go(connection, gone, now)
    return stored


def _reported(handover: Handover, report: Report, key: DataKey, now: datetime) -> Handover:
    told = replace(
        handover,
        reported=report.reported,
        reported_on=report.on.isoformat() if report.on else None,
        sealed_no_show_reason=None if report.reported else seal_reason(report.reason, key),
    )
    if handover.hold in _BEFORE_ANY_SEARCH:
        return told  # counts as soon as the row, or the list, is in order
    if report.reported:
        # A child that is here may be told again, with another date; one that left may not.
        return told.moved(Event.REPORT, now) if handover.state in _NOT_HERE else told
    if handover.state in (State.LISTED, State.NO_SHOW):
        return told
    return replace(told.moved(Event.UNREPORT, now), proposed_by=None, offer_hash=None)
