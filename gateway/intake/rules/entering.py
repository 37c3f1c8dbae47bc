"""Where a row stands before any search: faulty, unconfirmed, listed or to be looked up."""

import json
from collections.abc import Sequence
from datetime import datetime

from gateway.intake.handover import Handover, replace
from gateway.intake.rules.states import Event, Hold, State
from gateway.sealing import DataKey


def enter(handover: Handover, now: datetime) -> Handover:
    """A listed handover after the three questions that come before any search, in their order."""
    if json.loads(handover.faults):
        return handover.moved(Event.FIND_FAULT, now)
    if not handover.confirmed:
        return handover.moved(Event.LACK_CONFIRMATION, now)
    return handover.moved(Event.REPORT, now) if handover.reported else handover


def hand_in_again(
    handover: Handover,
    *,
    faults: Sequence[str],
    reported: bool | None,
    reported_on: str | None,
    sealed_no_show_reason: bytes | None,
    confirmed: bool,
    now: datetime,
) -> Handover:
    """A known handover after its row came in once more, in another file or put right."""
    handover = replace(
        handover,
        faults=json.dumps(list(faults)) if handover.hold == Hold.DATA_ERROR else handover.faults,
        confirmed=handover.confirmed or confirmed,
        reported=handover.reported if reported is None else reported,
        reported_on=reported_on or handover.reported_on,
        sealed_no_show_reason=sealed_no_show_reason or handover.sealed_no_show_reason,
    )
    if handover.hold == Hold.DATA_ERROR:
        return enter(handover.moved(Event.CORRECT, now), now)
    if handover.hold == Hold.ADMISSION_UNCONFIRMED and confirmed:
        return enter(handover.moved(Event.CONFIRM_LIST, now), now)
    return report(handover, now)


def seal_reason(reason: str | None, key: DataKey) -> bytes | None:
    """Why a child did not come, in its school's own words, sealed."""
    return key.seal(reason.encode(), "no_show_reason") if reason else None


def report(handover: Handover, now: datetime) -> Handover:
    """The handover after its report was recorded or taken back, where that still changes it."""
    if handover.reported and handover.state in (State.LISTED, State.NO_SHOW):
        return handover.moved(Event.REPORT, now)
    if handover.reported is False and handover.state in _STILL_OPEN:
        if handover.hold in (Hold.DATA_ERROR, Hold.ADMISSION_UNCONFIRMED, *_AFTER_THE_WRITES):
            return handover
        return handover.moved(Event.UNREPORT, now)
    return handover


_STILL_OPEN = (State.SEARCHING, State.OFFERED, State.CREATE_NEW, State.HELD)
_AFTER_THE_WRITES = (Hold.CLOSING_REFUSED, Hold.OUTCOME_UNKNOWN)
