"""The worker's step: due claims asked in small groups, split where a group is refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Asker, Claim, IdentityCheck, Reply, Verdict
from contracts.errors import Ambiguous, Malformed, SystemFailure, TooMany
from contracts.outcomes import Outcome
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Subject
from gateway.leases import Lease, enqueue, finish, lease, postpone
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.problems.findings import Judged, note_verdicts
from gateway.verification.query import VERIFY, open_claim
from gateway.verification.tables import verifications

SYSTEM = "population"
LEASE_SECONDS = 120.0
ATTEMPTS_BEFORE_UNKNOWN = 4
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 60.0
RECHECK_SECONDS = 6 * 3600.0
_UPDATE = update(verifications).where(verifications.c.subject_id == bindparam("this_subject"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One leased verification, opened and ready to send."""

    lease: Lease
    row: Row[tuple[object, ...]]
    key: DataKey
    claim: Claim


@dataclass(frozen=True, slots=True)
class Verifying:
    """What the step needs: the store, the register, and on whose behalf it is asked."""

    database: Database
    sealer: Sealer
    clock: Clock
    calls: Calls
    register: IdentityCheck
    unit: str
    business: str

    async def step(self, limit: int = 400) -> int:
        """Ask for up to `limit` due claims; how many there were."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            lane = await self.calls.lane(connection, SYSTEM)
            if not lane.lets_through(now):
                return 0
            # A rested lane gets one probe, not the whole queue at once.
            room = self.register.batch_limit if lane.closed else limit
            leases = await lease(connection, VERIFY, room, now, LEASE_SECONDS)
            asked = await self._open(connection, leases)
        groups = [
            tuple(asked[start : start + self.register.batch_limit])
            for start in range(0, len(asked), self.register.batch_limit)
        ]
        while groups:
            groups = await self._round(groups)
        return len(leases)

    async def _open(self, connection: AsyncConnection, leases: Sequence[Lease]) -> list[Asked]:
        ids = [lease.subject_id for lease in leases]
        query = select(verifications).where(verifications.c.subject_id.in_(ids))
        rows = {row.subject_id: row for row in await connection.execute(query)}
        keys = await load_keys(connection, [row.key_id for row in rows.values()], self.sealer)
        pending = [lease for lease in leases if _askable(rows.get(lease.subject_id), keys)]
        await finish(connection, [lease for lease in leases if lease not in pending])
        opened = ((lease, rows[lease.subject_id]) for lease in pending)
        return [
            Asked(lease, row, keys[row.key_id], open_claim(row.sealed_claim, keys[row.key_id]))
            for lease, row in opened
        ]

    async def _round(self, groups: Sequence[tuple[Asked, ...]]) -> list[tuple[Asked, ...]]:
        async with self.database.transaction() as connection:
            calls = await self.calls.asked(connection, [self._call(group) for group in groups])
        answers = await self.calls.send(calls)
        again: list[tuple[Asked, ...]] = []
        async with self.database.transaction() as connection:
            await self.calls.answered(connection, calls, answers)
            verdicts: list[tuple[Asked, Verdict]] = []
            for group, answer in zip(groups, answers, strict=True):
                if isinstance(answer, SystemFailure):
                    again += await self._refused(connection, group, answer, verdicts)
                else:
                    again += await self._answered(connection, group, answer.value, verdicts)
            await self._keep(connection, verdicts)
        return again

    def _call(self, group: tuple[Asked, ...]) -> Call[tuple[Verdict, ...]]:
        trace_id = group[0].row.trace_id
        asker = Asker(self.unit, group[0].row.area, self.business)
        claims = [asked.claim for asked in group]

        async def send() -> Reply[tuple[Verdict, ...]]:
            return await self.register.check(claims, asker, trace_id=trace_id)

        return Call(
            SYSTEM,
            "check",
            send,
            tuple(self._subject(row, asked) for row, asked in enumerate(group, 1)),
            trace_id,
            summarise=_verdict_details,
        )

    def _subject(self, row: int, asked: Asked) -> Subject:
        return Subject(
            ref=self.sealer.index("child", asked.row.subject_id),
            key_id=asked.row.key_id,
            key=asked.key,
            detail={"number": asked.claim.citizen_number, "name": asked.claim.name},
            row=row,
        )

    async def _answered(
        self,
        connection: AsyncConnection,
        group: tuple[Asked, ...],
        said: Sequence[Verdict],
        verdicts: list[tuple[Asked, Verdict]],
    ) -> list[tuple[Asked, ...]]:
        """What to ask next: each claim whose row could not be relied on, by itself."""
        pairs = list(zip(group, said, strict=True))
        doubtful = [(a, v) for a, v in pairs if v.outcome is Outcome.UNKNOWN]
        verdicts += [pair for pair in pairs if pair not in doubtful]
        if len(group) > 1:
            return [(asked,) for asked, _ in doubtful]
        for asked, verdict in doubtful:
            if _last_attempt(asked):
                verdicts.append((asked, verdict))
            else:
                wait = timedelta(seconds=_backoff(asked.lease.attempts))
                await postpone(connection, [asked.lease], self.clock.now() + wait)
        return []

    async def _refused(
        self,
        connection: AsyncConnection,
        group: tuple[Asked, ...],
        failure: SystemFailure,
        verdicts: list[tuple[Asked, Verdict]],
    ) -> list[tuple[Asked, ...]]:
        """What to ask next of a group that got no answer; the rest waits or ends as unknown."""
        if isinstance(failure, TooMany | Ambiguous | Malformed) and len(group) > 1:
            middle = len(group) // 2
            return [group[:middle], group[middle:]]
        last = isinstance(failure, TooMany | Malformed)
        given_up = [asked for asked in group if last or _last_attempt(asked)]
        verdicts += [(asked, Verdict(Outcome.UNKNOWN, failure.code)) for asked in given_up]
        waiting = [asked.lease for asked in group if asked not in given_up]
        wait = _wait(waiting[0].attempts, failure) if waiting else 0.0
        await postpone(connection, waiting, self.clock.now() + timedelta(seconds=wait))
        return []

    async def _keep(
        self, connection: AsyncConnection, verdicts: Sequence[tuple[Asked, Verdict]]
    ) -> None:
        if not verdicts:
            return
        now = self.clock.now()
        await connection.execute(
            _UPDATE, [_kept(asked, verdict, now) for asked, verdict in verdicts]
        )
        judged = [self._judged(asked, verdict) for asked, verdict in verdicts]
        await note_verdicts(connection, judged, now)
        await finish(connection, [asked.lease for asked, _ in verdicts])
        unknown = [a.lease.subject_id for a, v in verdicts if v.outcome is Outcome.UNKNOWN]
        await enqueue(connection, VERIFY, unknown, now + timedelta(seconds=RECHECK_SECONDS))
        for wake, ids in _by_wake(verdicts).items():
            await enqueue(connection, wake, ids, now)

    def _judged(self, asked: Asked, verdict: Verdict) -> Judged:
        claim = f"{asked.claim.citizen_number}|{asked.claim.name}"
        return Judged(
            subject_id=asked.row.subject_id,
            key_id=asked.row.key_id,
            school=asked.row.school,
            area=asked.row.area,
            outcome=verdict.outcome,
            claim=self.sealer.index("claim", claim),
            wake=asked.row.wake,
        )


def _askable(row: Row[tuple[object, ...]] | None, keys: Mapping[str, DataKey]) -> bool:
    if row is None or row.key_id not in keys:  # erased meanwhile
        return False
    return row.sealed_claim is not None and row.outcome in (None, Outcome.UNKNOWN)


def _last_attempt(asked: Asked) -> bool:
    return asked.lease.attempts + 1 >= ATTEMPTS_BEFORE_UNKNOWN


def _wait(attempts: int, failure: SystemFailure) -> float:
    return max(failure.retry_after or 0.0, _backoff(attempts))


def _backoff(attempts: int) -> float:
    wait: float = min(FIRST_WAIT_SECONDS * 2**attempts, LONGEST_WAIT_SECONDS)
    return wait


def _kept(asked: Asked, verdict: Verdict, now: datetime) -> dict[str, object]:
    return {
        "this_subject": asked.row.subject_id,
        "outcome": verdict.outcome.value,
        "code": verdict.code,
        "attempts": asked.row.attempts + 1,
        "answered_at": now,
    }


def _by_wake(verdicts: Iterable[tuple[Asked, Verdict]]) -> dict[str, list[str]]:
    woken: dict[str, list[str]] = {}
    for asked, _ in verdicts:
        woken.setdefault(asked.row.wake, []).append(asked.row.subject_id)
    return woken


def _verdict_details(verdicts: tuple[Verdict, ...]) -> list[Mapping[str, object]]:
    return [{"outcome": verdict.outcome.value, "code": verdict.code} for verdict in verdicts]
