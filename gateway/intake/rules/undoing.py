"""Undoing a passage as a plan: what to ask or send next, and what an answer means.

The primary record goes first, because its register may refuse (it was approved meanwhile), and then
nothing at all has changed; the 升学 mark is taken back after it. Before either is sent the register
is asked whether it still stands, so that nothing is undone twice, however often we begin again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.capabilities import Receipt
from contracts.errors import NumberTaken, SystemFailure
from gateway.intake.handover import Handover, replace
from gateway.intake.rules.states import Event, State


class Undo(StrEnum):
    """The steps, in their order; the one under way is the handover's `writing`."""

    REMOVE = "remove"  # the unapproved primary record
    UNMARK = "unmark"  # the 升学 mark


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What to do next: ask whether it still stands, or send the undoing."""

    undo: Undo
    asking: bool


def under_way(handover: Handover) -> bool:
    """Whether the passage is being undone."""
    undoing = handover.writing in (Undo.REMOVE, Undo.UNMARK)
    return undoing and handover.state in (State.CARRIED, State.RETURNED)


def told(
    handover: Handover, planned: UndoPlan, receipt: Receipt | None, now: datetime
) -> tuple[Handover, UndoPlan | None]:
    """The handover after a register's word, and what to do next; nothing where all is undone.

    Asked whether it stands, a register gives the receipt it stands by, or None; sent the undoing,
    it gives the receipt for that.
    """
    if planned.asking and receipt is not None:
        return handover, UndoPlan(planned.undo, asking=False)
    if planned.undo is Undo.REMOVE:
        return replace(handover, writing=Undo.UNMARK.value), UndoPlan(Undo.UNMARK, asking=True)
    return replace(handover.moved(Event.REVERSE, now), writing=None), None


def undo_refused(
    handover: Handover, planned: UndoPlan, failure: SystemFailure, now: datetime
) -> Handover:
    """The handover after a call that failed: registered where its register has approved the record.

    Unchanged otherwise; it is asked again later.
    """
    approved = isinstance(failure, NumberTaken) and failure.approved
    if planned.undo is not Undo.REMOVE or not approved:
        return handover
    returned = handover.state == State.RETURNED
    before = handover.moved(Event.RESUBMIT, now) if returned else handover
    return replace(before.moved(Event.APPROVE, now), writing=None)
