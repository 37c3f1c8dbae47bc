"""The worker's step that undoes: the primary record removed, the 升学 mark taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Advance, Advancement, EnrolmentDesk, Receipt, Reply
from contracts.errors import Closed, ClosingRefused, SystemFailure
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action
from gateway.intake.acts.letting_go import let_go
from gateway.intake.found import forget_found
from gateway.intake.handover import Handover, load
from gateway.intake.moves import Because, Move, Moves
from gateway.intake.rules.states import State
from gateway.intake.rules.undoing import Undo, UndoPlan, told, under_way, undo_refused
from gateway.intake.steps.asking import PRESCHOOL, STUDENT_STATUS, Child, subject_of
from gateway.leases import Lease, finish, lease, postpone
from gateway.office_hours import OFFICE_TIME
from gateway.sealing import DataKey, Sealer, load_keys

REVERSE = "reverse"
LEASE_SECONDS = 180.0
WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 300.0
REFUSED_AGAIN = timedelta(days=1)
_OPERATIONS = {
    (Undo.REMOVE, True): "create_outcome",
    (Undo.REMOVE, False): "remove",
    (Undo.UNMARK, True): "close_outcome",
    (Undo.UNMARK, False): "undo_close",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One handover being undone; `stored` is what the store holds of it."""

    lease: Lease
    key: DataKey
    stored: Handover
    handover: Handover
    planned: UndoPlan | None
    failure: SystemFailure | None = None


@dataclass(frozen=True, slots=True)
class Reversing:
    """What undoing needs."""

    database: Database
    sealer: Sealer
    clock: Clock
    calls: Calls
    moves: Moves
    desk: EnrolmentDesk
    advancement: Advancement

    async def step(self, limit: int = 100) -> int:
        """Undo up to `limit` passages as far as the registers let it; how many there were."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            lanes = [await self.calls.lane(connection, n) for n in (STUDENT_STATUS, PRESCHOOL)]
            if not all(lane.lets_through(now) for lane in lanes):
                return 0
            # A rested lane gets one probe, not the whole queue at once.
            room = 1 if any(lane.closed for lane in lanes) else limit
            leases = await lease(connection, REVERSE, room, now, LEASE_SECONDS)
            runs = await self._open(connection, leases)
            runs, calls = await self._commit(connection, runs)
        while calls:
            answers = await self.calls.send(calls)
            async with self.database.transaction() as connection:
                await self.calls.answered(connection, calls, answers)
                pairs = zip(runs, answers, strict=True)
                learnt = [self._learn(run, answer) for run, answer in pairs]
                runs, calls = await self._commit(connection, learnt)
        return len(leases)

    async def _open(self, connection: AsyncConnection, leases: Sequence[Lease]) -> list[Run]:
        by_id = {lease.subject_id: lease for lease in leases}
        loaded = await load(connection, by_id, lock=True)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        due = [h for h in loaded if h.key_id in keys and under_way(h)]
        ours = {h.handover_id for h in due}
        await finish(connection, [lease for lease in leases if lease.subject_id not in ours])
        return [
            Run(by_id[h.handover_id], keys[h.key_id], h, h, UndoPlan(Undo(str(h.writing)), True))
            for h in due
        ]

    async def _commit(
        self, connection: AsyncConnection, runs: Sequence[Run]
    ) -> tuple[list[Run], list[Call[Receipt | None]]]:
        """Store how far each has come; the runs that go on, with the calls they make next."""
        changed = [run for run in runs if run.handover != run.stored]
        moves = [Move(run.stored, run.handover) for run in changed]
        keys = {run.handover.key_id: run.key for run in changed}
        because = Because(action=Action.HANDOVER_REVERSED, reason="register")
        stored = await self.moves.commit(connection, moves, keys, because)
        by_id = {handover.handover_id: handover for handover in stored}
        current = [_stored(run, by_id.get(run.handover.handover_id)) for run in runs]
        await self._end(connection, [run for run in current if run.planned is None])
        going = [run for run in current if run.planned is not None]
        calls = [self._call(run, run.planned) for run in going if run.planned]
        return going, await self.calls.asked(connection, calls)

    async def _end(self, connection: AsyncConnection, ended: Sequence[Run]) -> None:
        now = self.clock.now()
        await finish(connection, [run.lease for run in ended if not under_way(run.handover)])
        for run in ended:
            if under_way(run.handover):
                attempted = not isinstance(run.failure, Closed)
                await postpone(connection, [run.lease], now + _wait(run), attempted=attempted)
        gone = [r.handover.handover_id for r in ended if r.handover.state == State.REVERSED]
        await let_go(connection, gone, now)
        await forget_found(connection, gone)

    def _learn(self, run: Run, answer: Reply[Receipt | None] | SystemFailure) -> Run:
        planned, now = run.planned, self.clock.now()
        assert planned is not None  # only runs that asked something get an answer
        if isinstance(answer, SystemFailure):
            after = undo_refused(run.handover, planned, answer, now)
            return replace(run, handover=after, planned=None, failure=answer)
        after, next_plan = told(run.handover, planned, answer.value, now)
        return replace(run, handover=after, planned=next_plan)

    def _call(self, run: Run, planned: UndoPlan) -> Call[Receipt | None]:
        handover = run.handover
        child = Child(handover, run.key, handover.identity(run.key))
        detail = {"request": handover.request_id, "record": handover.matched_record or ""}
        primary = planned.undo is Undo.REMOVE
        return Call(
            STUDENT_STATUS if primary else PRESCHOOL,
            _OPERATIONS[planned.undo, planned.asking],
            lambda: self._send(run, planned),
            (subject_of(child, self.sealer, detail, 1),),
            handover.request_id,
            writing=not planned.asking,
            case=handover.case_reference,
        )

    async def _send(self, run: Run, planned: UndoPlan) -> Reply[Receipt | None]:
        request_id = run.handover.request_id
        match planned.undo, planned.asking:
            case Undo.REMOVE, True:
                return await self.desk.enrolment(request_id, trace_id=request_id)
            case Undo.REMOVE, False:
                return _optional(await self.desk.remove(request_id, trace_id=request_id))
            case Undo.UNMARK, True:
                return await self.advancement.advancement(request_id, trace_id=request_id)
        mark = self._mark(run)
        return _optional(await self.advancement.undo_advance(mark, trace_id=request_id))

    def _mark(self, run: Run) -> Advance:
        handover, number = run.handover, run.handover.number(run.key)
        assert number is not None  # it was carried under one
        assert handover.matched_record is not None  # and out of this record
        on = self.clock.now().astimezone(OFFICE_TIME).date()
        return Advance(handover.request_id, handover.matched_record, number, handover.school, on)


def _stored(run: Run, stored: Handover | None) -> Run:
    return replace(run, stored=stored, handover=stored) if stored else run


def _wait(run: Run) -> timedelta:
    if isinstance(run.failure, ClosingRefused):
        return REFUSED_AGAIN
    backoff = min(WAIT_SECONDS * 2**run.lease.attempts, LONGEST_WAIT_SECONDS)
    asked_to_wait = run.failure.retry_after if run.failure else None
    return timedelta(seconds=max(backoff, asked_to_wait or 0.0))


def _optional(reply: Reply[Receipt]) -> Reply[Receipt | None]:
    return Reply(reply.value, reply.asked, reply.answered)
