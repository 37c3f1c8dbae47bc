"""What every step of a problem record entails: owner, deadline, history, evidence, feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.call import PURPOSE, WORKER
from gateway.clock import Clock
from gateway.evidence import Action, Actor, Entry, Log, Subject
from gateway.office_hours import OFFICE_TIME
from gateway.sealing import DataKey, Sealer
from gateway.verification.problems.record import Record, store
from gateway.verification.problems.rules.states import Event, State
from gateway.verification.problems.rules.wordings import above, load_wordings, owner_of
from gateway.verification.problems.tables import problem_steps
from gateway.verification.problems.telling import Telling, Told
from gateway.working_days import WorkingDays

# Deadlines are days of the office that has to act.

_ACTIONS = {
    Event.OPEN: Action.PROBLEM_OPENED,
    Event.OPEN_AT_COUNTY: Action.PROBLEM_OPENED,
    Event.JOIN: Action.PROBLEM_UPDATED,
    Event.PROPOSE: Action.PROBLEM_PROPOSED,
    Event.PROPOSE_CHANGE: Action.PROBLEM_PROPOSED,
    Event.PASS_CHECK: Action.PROBLEM_CHECKED,
    Event.FAIL_CHECK: Action.PROBLEM_CHECKED,
    Event.CONFIRM: Action.PROBLEM_CONFIRMED,
    Event.REJECT: Action.PROBLEM_REJECTED,
    Event.REFER: Action.PROBLEM_REFERRED,
    Event.ACCEPT: Action.PROBLEM_DECIDED,
    Event.ACCEPT_CHANGE: Action.PROBLEM_DECIDED,
    Event.CONFIRM_CHANGE: Action.PROBLEM_CHECKED,
    Event.REFUTE_CHANGE: Action.PROBLEM_CHECKED,
    Event.CLEAR: Action.PROBLEM_CLOSED,
    Event.CLOSE: Action.PROBLEM_CLOSED,
}


@dataclass(frozen=True, slots=True)
class Because:
    """Who takes a step, for which purpose, on which basis and in which case."""

    actor: Actor = WORKER
    purpose: str = PURPOSE
    basis: str = ""
    case: str = ""
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A record before and after an event; `reason` is a word of ours, `remark` a person's own."""

    before: Record
    event: Event
    after: Record
    reason: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """Commits steps."""

    sealer: Sealer
    clock: Clock
    log: Log
    working_days: WorkingDays
    telling: Telling

    async def commit(
        self,
        connection: AsyncConnection,
        steps: Sequence[Step],
        keys: Mapping[str, DataKey],
        because: Because,
    ) -> list[Record]:
        """The records as stored, each with owner and deadline, its history and its entry."""
        if not steps:
            return []
        stored = await store(connection, [self._placed(step) for step in steps])
        rows = [
            self._history(step, record, keys[record.key_id], because)
            for step, record in zip(steps, stored, strict=True)
        ]
        await connection.execute(insert(problem_steps), rows)
        entries = [
            self._entry(step, record, keys[record.key_id], because)
            for step, record in zip(steps, stored, strict=True)
        ]
        await self.log.append(connection, entries)
        told = [
            Told(step.before.state, record, step.event.value)
            for step, record in zip(steps, stored, strict=True)
        ]
        await self.telling.record(connection, told, keys)
        return stored

    async def escalate(
        self, connection: AsyncConnection, overdue: Sequence[Record]
    ) -> list[Record]:
        """The records, each with who answers for its owner as the one to act now."""
        later = [
            replace(
                record,
                owner=above(record.owner, record.area),
                due_on=self._due(record.state),
                escalations=record.escalations + 1,
            )
            for record in overdue
        ]
        stored = await store(connection, later)
        entries = [_escalation(record, Because()) for record in stored]
        await self.log.append(connection, entries)
        return stored

    def today(self) -> date:
        """The offices' day."""
        return self.clock.now().astimezone(OFFICE_TIME).date()

    def _placed(self, step: Step) -> Record:
        after = step.after
        if after.state is step.before.state or after.state is None:
            return after
        owner = owner_of(after.state, after.school, after.area)
        return replace(after, owner=owner, due_on=self._due(after.state), escalations=0)

    def _due(self, state: State | None) -> str | None:
        days = load_wordings()[state].working_days if state else None
        return self.working_days.after(self.today(), days).isoformat() if days else None

    def _history(
        self, step: Step, stored: Record, key: DataKey, because: Because
    ) -> dict[str, object]:
        remark = step.remark.encode()
        return {
            "problem_id": stored.problem_id,
            "place": stored.version,
            "event": step.event.value,
            "state": str(stored.state),
            "at": self.clock.now(),
            "actor": because.actor.user or because.actor.caller,
            "role": because.actor.role,
            "reason": step.reason,
            "sealed_remark": key.seal(remark, "remark") if remark else None,
        }

    def _entry(self, step: Step, stored: Record, key: DataKey, because: Because) -> Entry:
        told: dict[str, object] = {"problem": stored.problem_id, "event": step.event.value}
        if step.remark:
            told["remark"] = step.remark
        child = self.sealer.index("child", stored.subject_id)
        return Entry(
            action=_ACTIONS[step.event],
            outcome=step.event.value,
            actor=because.actor,
            purpose=because.purpose,
            basis=because.basis,
            case=because.case,
            object_ref=stored.problem_id,
            request_id=because.trace_id or stored.problem_id,
            subjects=(Subject(child, stored.key_id, key, told, 1),),
            content={"reason": step.reason} if step.reason else {},
        )


def _escalation(record: Record, because: Because) -> Entry:
    return Entry(
        action=Action.PROBLEM_ESCALATED,
        outcome=record.owner,
        actor=because.actor,
        purpose=because.purpose,
        basis=because.basis,
        case=because.case,
        object_ref=record.problem_id,
        request_id=record.problem_id,
    )
