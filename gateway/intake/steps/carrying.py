"""The worker's step that carries: two writes in two registers for each confirmed child."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Advance, Advancement, Enrolment, EnrolmentDesk, Receipt, Reply
from contracts.errors import Closed
from contracts.records import PreschoolRecord
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.intake.found import keep_matched, load_found
from gateway.intake.handover import Handover, load, load_versions
from gateway.intake.moves import Because, Move, Moves
from gateway.intake.rules.states import State
from gateway.intake.rules.writes import Plan, Write, completed, prepare
from gateway.intake.steps.asking import PRESCHOOL, STUDENT_STATUS, Child, subject_of
from gateway.intake.steps.looking import LOOK
from gateway.intake.steps.runs import Run, carries, go_on, kept, learn, until_looked_at, wait
from gateway.leases import Lease, enqueue, extend, finish, lease, postpone
from gateway.office_hours import OFFICE_TIME
from gateway.sealing import DataKey, Sealer, load_keys

CARRY = "carry"
LEASE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Carrying:
    """What carrying needs."""

    database: Database
    sealer: Sealer
    clock: Clock
    calls: Calls
    moves: Moves
    desk: EnrolmentDesk
    advancement: Advancement

    async def step(self, limit: int = 100) -> int:
        """Carry up to `limit` confirmed children as far as the registers let it; how many."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            lanes = [
                await self.calls.lane(connection, name) for name in (STUDENT_STATUS, PRESCHOOL)
            ]
            if not all(lane.lets_through(now) for lane in lanes):
                return 0
            # A rested lane gets one probe, not the whole queue at once.
            room = 1 if any(lane.closed for lane in lanes) else limit
            leases = await lease(connection, CARRY, room, now, LEASE_SECONDS)
            runs = await self._open(connection, leases)
            runs, calls = await self._commit(connection, runs, now)
        while calls:
            answers = await self.calls.send(calls)
            async with self.database.transaction() as connection:
                now = self.clock.now()
                await self.calls.answered(connection, calls, answers)
                runs = [learn(run, answer, now) for run, answer in zip(runs, answers, strict=True)]
                ours = await self._still_ours(connection, runs, now)
                runs, calls = await self._commit(connection, ours, now)
        return len(leases)

    async def _open(self, connection: AsyncConnection, leases: Sequence[Lease]) -> list[Run]:
        by_id = {lease.subject_id: lease for lease in leases}
        loaded = await load(connection, by_id, lock=True)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        due = [h for h in loaded if h.key_id in keys and carries(h)]
        records = await self._records(connection, due, keys)
        runs = [
            Run(by_id[h.handover_id], keys[h.key_id], record, h, prepare(h, record))
            for h in due
            if (record := records.get(h.handover_id)) is not None
        ]
        ours = {run.lease.subject_id for run in runs}
        await finish(connection, [lease for lease in leases if lease.subject_id not in ours])
        return runs

    async def _records(
        self, connection: AsyncConnection, due: Sequence[Handover], keys: Mapping[str, DataKey]
    ) -> dict[str, PreschoolRecord]:
        found = await load_found(connection, due, keys)
        return {
            handover.handover_id: one.record
            for handover in due
            for one in found[handover.handover_id]
            if one.record.record_id == handover.matched_record
        }

    async def _still_ours(
        self, connection: AsyncConnection, runs: Sequence[Run], now: datetime
    ) -> list[Run]:
        """The runs whose lease nobody took and whose handover nobody moved while we asked.

        What was learned of the others is forgotten: the store knows which write is open, and
        whoever comes next asks what became of it.
        """
        until = now + timedelta(seconds=LEASE_SECONDS)
        held = await extend(connection, [run.lease for run in runs], until)
        holding = [run for run in runs if run.lease.subject_id in held]
        versions = await load_versions(connection, [run.stored.handover_id for run in holding])
        moved = [run for run in holding if versions[run.stored.handover_id] != run.stored.version]
        await postpone(connection, [run.lease for run in moved], now)
        return [run for run in holding if versions[run.stored.handover_id] == run.stored.version]

    async def _commit(
        self, connection: AsyncConnection, runs: Sequence[Run], now: datetime
    ) -> tuple[list[Run], list[Call[Receipt | None]]]:
        """Store how far each has come; the runs that go on, with the calls they make next."""
        today = now.astimezone(OFFICE_TIME).date()
        moved = [go_on(run, completed(run.handover, now), today) for run in runs]
        changed = [run for run in moved if run.handover != run.stored]
        keys = {run.handover.key_id: run.key for run in changed}
        moves = [Move(run.stored, run.handover, run.record.institution) for run in changed]
        stored = await self.moves.commit(connection, moves, keys, Because())
        by_id = {handover.handover_id: handover for handover in stored}
        current = [kept(run, by_id) for run in moved]
        await self._end(connection, [run for run in current if run.planned is None], now)
        going = [run for run in current if run.planned is not None]
        calls = [self._call(run, run.planned) for run in going if run.planned]
        return going, await self.calls.asked(connection, calls)

    async def _end(self, connection: AsyncConnection, ended: Sequence[Run], now: datetime) -> None:
        done = [run.lease for run in ended if not carries(run.handover)]
        await finish(connection, done)
        carried = [run.handover for run in ended if run.handover.state == State.CARRIED]
        if carried:
            await keep_matched(connection, carried)
        for run in ended:
            if carries(run.handover):
                attempted = not isinstance(run.failure, Closed)
                await postpone(connection, [run.lease], now + wait(run), attempted=attempted)
            elif run.failure is not None:
                again = now + until_looked_at(run.handover, run.failure)
                await enqueue(connection, LOOK, [run.handover.handover_id], again)

    def _call(self, run: Run, planned: Plan) -> Call[Receipt | None]:
        send = {
            (Write.CREATE, False): self._create,
            (Write.CREATE, True): self._created,
            (Write.CLOSE, False): self._close,
            (Write.CLOSE, True): self._closed,
        }[planned.write, planned.reconcile]
        child = Child(run.handover, run.key, run.record.child.identity)
        detail = {"request": run.handover.request_id, "record": run.record.record_id}
        return Call(
            STUDENT_STATUS if planned.write is Write.CREATE else PRESCHOOL,
            f"{planned.write}{'_outcome' if planned.reconcile else ''}",
            lambda: send(run),
            (subject_of(child, self.sealer, detail, 1),),
            run.handover.trace_id,
            writing=not planned.reconcile,
            case=run.handover.case_reference,
            summarise=_receipt_detail,
        )

    async def _create(self, run: Run) -> Reply[Receipt | None]:
        request_id = run.handover.request_id
        enrolment = Enrolment(request_id, run.handover.school, run.record.child)
        return _optional(await self.desk.create(enrolment, trace_id=run.handover.trace_id))

    async def _created(self, run: Run) -> Reply[Receipt | None]:
        request_id = run.handover.request_id
        return await self.desk.enrolment(request_id, trace_id=run.handover.trace_id)

    async def _close(self, run: Run) -> Reply[Receipt | None]:
        request_id = run.handover.request_id
        number = run.record.child.identity.number
        assert number is not None  # precedence holds a record without a number
        assert run.handover.advanced_on is not None  # stored before this leaves
        on = date.fromisoformat(run.handover.advanced_on)
        mark = Advance(request_id, run.record.record_id, number, run.handover.school, on)
        return _optional(await self.advancement.advance(mark, trace_id=run.handover.trace_id))

    async def _closed(self, run: Run) -> Reply[Receipt | None]:
        request_id = run.handover.request_id
        return await self.advancement.advancement(request_id, trace_id=run.handover.trace_id)


def _optional(reply: Reply[Receipt]) -> Reply[Receipt | None]:
    return Reply(reply.value, reply.asked, reply.answered)


def _receipt_detail(receipt: Receipt | None) -> list[Mapping[str, object]]:
    return [{"receipt": receipt.receipt_id if receipt else ""}]
