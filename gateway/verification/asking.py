"""Asking a population register: claims in groups, split where a group is refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Reply, Verdict
from contracts.errors import Closed, Malformed, NotEntitled, SystemFailure, TooMany
from contracts.outcomes import Outcome
from contracts.records import Document
from gateway.calls.bisecting import bisects, split
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Entry, Subject
from gateway.leases import lease, postpone
from gateway.people.indexes import index_document
from gateway.sealing import Sealer
from gateway.shared.wakeups import Wakeups
from gateway.verification.asked import Asked, Said, open_leased
from gateway.verification.dialects import Dialect
from gateway.verification.keeping import Keeping
from gateway.verification.query import QUERY, VERIFY, work_kind
from gateway.verification.words import answered

CHECK = "check"
LEASE_SECONDS = 120.0
ATTEMPTS_BEFORE_UNKNOWN = 4
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 60.0
_WAITED_FOR = (Closed, NotEntitled)  # until it opens or an operator acts: no attempt was made

Group = Sequence[Asked]
Also = Callable[[AsyncConnection, Sequence[Said]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Verifying:
    """What it takes to ask one register, for children in groups or for somebody who waits."""

    database: Database
    sealer: Sealer
    clock: Clock
    calls: Calls
    dialect: Dialect
    keeping: Keeping
    wakeups: Wakeups

    @property
    def kind(self) -> str:
        """The kind of work that this does."""
        return work_kind(QUERY if self.keeping.interactive else VERIFY, self.dialect.system)

    async def step(self, limit: int = 400) -> int:
        """Ask for up to `limit` due claims, as far as the lane has room; how many there were."""
        at_once = self.dialect.register.batch_limit
        async with self.database.transaction() as connection:
            wanted = -(-limit // at_once)
            room = await self.calls.room(connection, self.dialect.system, CHECK, wanted)
            if not room.calls:
                return 0
            most = min(limit, room.calls * at_once)
            leases = await lease(connection, self.kind, most, self.clock.now(), LEASE_SECONDS)
            asked = await open_leased(connection, leases, self.sealer)
        groups: Sequence[Group] = [
            asked[start : start + at_once] for start in range(0, len(asked), at_once)
        ]
        while groups:
            async with self.database.transaction() as connection:
                calls = await self.record(connection, groups)
            groups = await self.exchange(groups, calls)
        if self.keeping.interactive:
            for held in leases:
                await self.wakeups.publish(answered(held.subject_id))
        return len(leases)

    async def record(
        self, connection: AsyncConnection, groups: Sequence[Group], after: Sequence[Entry] = ()
    ) -> list[Call[tuple[Verdict, ...]]]:
        """Put on record that each group is about to be asked in a call, `after` what led to it."""
        return await self.calls.asked(connection, [self._call(group) for group in groups], after)

    async def exchange(
        self,
        groups: Sequence[Group],
        calls: Sequence[Call[tuple[Verdict, ...]]],
        also: Also | None = None,
    ) -> list[Group]:
        """Send recorded calls and keep what comes back; the groups that are to be asked again.

        `also` joins the transaction with what was kept.
        """
        answers = await self.calls.send(calls)
        again: list[Group] = []
        said: list[Said] = []
        async with self.database.transaction() as connection:
            await self.calls.answered(connection, calls, answers)
            for group, call, answer in zip(groups, calls, answers, strict=True):
                if isinstance(answer, SystemFailure):
                    again += await self._refused(connection, group, answer, said)
                else:
                    heard = zip(group, answer.value, strict=True)
                    pairs = [Said(asked, verdict, call.call_id) for asked, verdict in heard]
                    again += await self._answered(connection, pairs, said)
            kept = await self.keeping.keep(connection, said)
            if also is not None:
                await also(connection, kept)
        return again

    def _call(self, group: Group) -> Call[tuple[Verdict, ...]]:
        first = group[0]
        asker = self.dialect.asker(first.area)
        claims = [asked.claim for asked in group]

        async def send() -> Reply[tuple[Verdict, ...]]:
            return await self.dialect.register.check(claims, asker, trace_id=first.trace_id)

        return Call(
            self.dialect.system,
            CHECK,
            send,
            tuple(self._subject(row, asked) for row, asked in enumerate(group, 1)),
            first.trace_id,
            case=first.case,
            summarise=_verdict_details,
            interactive=self.keeping.interactive,
        )

    def _subject(self, row: int, asked: Asked) -> Subject:
        return Subject(
            ref=self._reference(asked),
            key_id=asked.key_id,
            key=asked.key,
            detail={"number": asked.claim.citizen_number, "name": asked.claim.name},
            row=row,
        )

    def _reference(self, asked: Asked) -> str:
        if self.keeping.interactive:
            return claim_reference(asked.claim.citizen_number, self.sealer)
        return self.sealer.index("child", asked.subject_id)

    async def _answered(
        self, connection: AsyncConnection, heard: Sequence[Said], said: list[Said]
    ) -> list[Group]:
        """What to ask next: each claim whose row could not be relied on, by itself."""
        doubtful = [one for one in heard if one.verdict.outcome is Outcome.UNKNOWN]
        said += [one for one in heard if one.verdict.outcome is not Outcome.UNKNOWN]
        if len(heard) > 1:
            return [(one.asked,) for one in doubtful]
        for one in doubtful:
            if _last_attempt(one.asked):
                said.append(one)
            else:
                await self._wait(connection, [one.asked], _backoff(one.asked))
        return []

    async def _refused(
        self, connection: AsyncConnection, group: Group, failure: SystemFailure, said: list[Said]
    ) -> list[Group]:
        """What to ask next of a group that got no answer; the rest waits or ends as unknown."""
        if bisects(failure, len(group)):
            return list(split(group))
        if isinstance(failure, _WAITED_FOR):
            wait = failure.retry_after or FIRST_WAIT_SECONDS
            await self._wait(connection, group, wait, attempted=False)
            return []
        last = isinstance(failure, TooMany | Malformed)
        given_up = [asked for asked in group if last or _last_attempt(asked)]
        said += [Said(asked, Verdict(Outcome.UNKNOWN, failure.code)) for asked in given_up]
        waiting = [asked for asked in group if asked not in given_up]
        if waiting:
            wait = max(failure.retry_after or 0.0, _backoff(waiting[0]))
            await self._wait(connection, waiting, wait)
        return []

    async def _wait(
        self, connection: AsyncConnection, group: Group, seconds: float, *, attempted: bool = True
    ) -> None:
        due_at = self.clock.now() + timedelta(seconds=seconds)
        await postpone(connection, [asked.lease for asked in group], due_at, attempted=attempted)


def claim_reference(citizen_number: str, sealer: Sealer) -> str:
    """The blind reference under which the evidence keeps who asked about this citizen number."""
    reference = index_document(Document("1", "", citizen_number), sealer)
    assert reference is not None
    return reference


def _last_attempt(asked: Asked) -> bool:
    return asked.lease.attempts + 1 >= ATTEMPTS_BEFORE_UNKNOWN


def _backoff(asked: Asked) -> float:
    wait: float = min(FIRST_WAIT_SECONDS * 2**asked.lease.attempts, LONGEST_WAIT_SECONDS)
    return wait


def _verdict_details(verdicts: tuple[Verdict, ...]) -> list[Mapping[str, object]]:
    return [{"outcome": verdict.outcome.value, "code": verdict.code} for verdict in verdicts]
