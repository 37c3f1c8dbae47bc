"""One handover on its way through the two writes, and when it comes back where it stops."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from contracts.capabilities import Receipt, Reply
from contracts.errors import ClosingRefused, NumberTaken, SystemFailure
from contracts.records import PreschoolRecord
from gateway.intake.handover import Handover
from gateway.intake.rules.states import Hold, State
from gateway.intake.rules.writes import Plan, plan, receipted, refused, sent
from gateway.leases import Lease
from gateway.sealing import DataKey

WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
CLOSING_AGAIN = timedelta(days=1)
LOOK_AGAIN = timedelta(days=1)
HERE_AGAIN = timedelta(minutes=1)
_CARRYING_HOLDS = (Hold.OUTCOME_UNKNOWN, Hold.CLOSING_REFUSED)


@dataclass(frozen=True, slots=True)
class Run:
    """One handover on its way through the writes; `stored` is what the store holds of it."""

    lease: Lease
    key: DataKey
    record: PreschoolRecord
    stored: Handover
    handover: Handover
    planned: Plan | None = None  # what is being asked right now
    failure: SystemFailure | None = None


def carries(handover: Handover) -> bool:
    """Whether a handover's writes are under way."""
    return handover.state == State.ACCEPTED or handover.situation.hold in _CARRYING_HOLDS


def go_on(run: Run, handover: Handover, today: date) -> Run:
    """The run with what it does next, marked as such before it leaves; nothing where it ends."""
    planned = plan(handover) if run.failure is None and carries(handover) else None
    if planned is not None:
        handover = sent(handover, planned, today)
    return replace(run, handover=handover, planned=planned)


def kept(run: Run, stored: Mapping[str, Handover]) -> Run:
    """The run with what the store now holds of its handover."""
    handover = stored.get(run.handover.handover_id, run.handover)
    return replace(run, stored=handover, handover=handover)


def learn(run: Run, answer: Reply[Receipt | None] | SystemFailure, now: datetime) -> Run:
    """The run after what it asked was answered, or was not."""
    planned = run.planned
    assert planned is not None  # only runs that asked something get an answer
    if not isinstance(answer, SystemFailure):
        return replace(run, handover=receipted(run.handover, planned.write, answer.value, now))
    return replace(run, handover=refused(run.handover, planned, answer, now), failure=answer)


def wait(run: Run) -> timedelta:
    """How long until it is tried again."""
    if isinstance(run.failure, ClosingRefused):
        return CLOSING_AGAIN
    backoff = min(WAIT_SECONDS * 2**run.lease.attempts, LONGEST_WAIT_SECONDS)
    asked_to_wait = run.failure.retry_after if run.failure else None
    return timedelta(seconds=max(backoff, asked_to_wait or 0.0))


def until_looked_at(handover: Handover, failure: SystemFailure) -> timedelta:
    """How long until a refused child is looked up again."""
    # Taken at this very school, perhaps by its own clerk: looking says under which number.
    here = isinstance(failure, NumberTaken) and failure.school == handover.school
    return HERE_AGAIN if here else LOOK_AGAIN
