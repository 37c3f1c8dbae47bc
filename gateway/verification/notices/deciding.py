"""The county decides a correction: one person proposes, another confirms, or one rejects it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from contracts.records import Identity
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Entry, Log, Subject
from gateway.leases import enqueue
from gateway.sealing import Sealer, load_keys
from gateway.verification.claims import index_question
from gateway.verification.notices.effects import Effect, chain_hash, chain_of
from gateway.verification.notices.notice import (
    Correction,
    Notice,
    load_correction,
    load_notice,
    open_notice,
    store_correction,
)
from gateway.verification.notices.rules import EffectKind, NoticeKind, Refusal, Refused, State
from gateway.verification.positives import Positives
from gateway.verification.problems.findings import (
    GATHER,
    SEEK,
    Finding,
    clear_findings,
    raise_findings,
)
from gateway.verification.problems.holdings import Held, Holdings
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.superseded import supersede
from gateway.verification.query import VERIFY, Request, Requesting, work_kind
from gateway.verification.tables import verifications

_MARK = ProblemClass.DEATH_MARK


@dataclass(frozen=True, slots=True)
class Looked:
    """A correction with everything its decision rests on."""

    correction: Correction
    notice: Notice = field(repr=False)
    held: Held = field(repr=False)
    unit: str
    case: str
    received_at: datetime
    effects: Sequence[Effect]


@dataclass(frozen=True, slots=True)
class Deciding:
    """What it takes to decide; what a change put aside stays quiet for `quiet_for`."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    log: Log
    holdings: Holdings
    requesting: Requesting
    positives: Positives
    quiet_for: timedelta

    async def look(
        self, connection: AsyncConnection, correction_id: str, *, lock: bool = False
    ) -> Looked:
        """The correction with its chain of effects as it is now; raise `Refused` where erased."""
        correction = await load_correction(connection, correction_id, lock=lock)
        if correction is None:
            raise Refused(Refusal.NOT_ALLOWED)
        row = await load_notice(connection, correction.notice_id)
        keys = await load_keys(connection, [row.key_id], self.sealer)
        held = await self.holdings.open(connection, [correction.subject_id])
        if row.key_id not in keys or correction.subject_id not in held:
            raise Refused(Refusal.ERASED)
        notice = open_notice(row.sealed_notice, keys[row.key_id])
        child = held[correction.subject_id]
        effects = await chain_of(connection, correction, notice, child, self.holdings, self.sealer)
        return Looked(correction, notice, child, row.unit, row.case, row.received_at, effects)

    async def propose(
        self, connection: AsyncConnection, grant: Grant, looked: Looked
    ) -> Correction:
        """The correction before a second person, bound to the chain the first has seen."""
        correction = _in_state(looked, State.QUARANTINED)
        _require_free(looked)
        bound = chain_hash(looked.effects)
        after = replace(
            correction, state=State.PROPOSED, proposed_by=grant.user, effects_hash=bound
        )
        return await self._store(connection, grant, looked, after, Action.NOTICE_PROPOSED)

    async def confirm(
        self, connection: AsyncConnection, grant: Grant, looked: Looked
    ) -> Correction:
        """The correction carried out, by a second person and as the first has seen it."""
        correction = _in_state(looked, State.PROPOSED)
        if correction.proposed_by == grant.user:
            raise Refused(Refusal.SAME_PERSON)
        _require_free(looked)
        if correction.effects_hash != chain_hash(looked.effects):
            raise Refused(Refusal.NOT_ALLOWED)
        await self._carry_out(connection, grant, looked, self.clock.now())
        after = self._decided(correction, State.CONFIRMED, grant)
        return await self._store(connection, grant, looked, after, Action.NOTICE_CONFIRMED)

    async def reject(
        self, connection: AsyncConnection, grant: Grant, looked: Looked, remark: str
    ) -> Correction:
        """The correction put away with the reason; the record stays as it is."""
        correction = _in_state(looked, State.QUARANTINED, State.PROPOSED)
        after = self._decided(correction, State.REJECTED, grant)
        told = {"remark": remark}
        return await self._store(connection, grant, looked, after, Action.NOTICE_REJECTED, told)

    def _decided(self, correction: Correction, state: State, grant: Grant) -> Correction:
        now = self.clock.now()
        return replace(
            correction, state=state, decided_by=grant.user, decided_at=now, owner="end", due_on=None
        )

    async def _carry_out(
        self, connection: AsyncConnection, grant: Grant, looked: Looked, now: datetime
    ) -> None:
        correction, before = looked.correction, looked.held.identity
        after = looked.notice.apply(before)
        numbers = {one.document.number for one in (before, after) if one.document}
        await self.positives.forget(connection, numbers)
        if looked.notice.kind is NoticeKind.CANCELLED:
            who = (correction.subject_id, correction.key_id, correction.school, correction.area)
            mark = Finding(*who, _MARK, claim=correction.notice_id)
            await raise_findings(connection, [mark], now)
            return
        if looked.notice.kind is NoticeKind.RESTORED:
            mine = [(correction.subject_id, _MARK.value, "")]
            await clear_findings(connection, mine, now)
        if after != before:
            await self._change(connection, correction, before, after, now)
        await self._verify_again(connection, grant, looked, after, now)

    async def _change(
        self,
        connection: AsyncConnection,
        correction: Correction,
        before: Identity,
        after: Identity,
        now: datetime,
    ) -> None:
        subject_id = correction.subject_id
        await self.holdings.correct(connection, subject_id, after, now)
        former = {index_question(before, self.sealer)} - {index_question(after, self.sealer)}
        await supersede(connection, subject_id, former, now + self.quiet_for)
        # What stood against the former particulars is over; the new ones are verified below.
        over = (
            ProblemClass.DOCUMENT_CHANGED,
            ProblemClass.DOCUMENT_NAME_MISMATCH,
            ProblemClass.DOCUMENT_NOT_ON_FILE,
        )
        await clear_findings(connection, [(subject_id, one.value, "") for one in over], now)

    async def _verify_again(
        self,
        connection: AsyncConnection,
        grant: Grant,
        looked: Looked,
        identity: Identity,
        now: datetime,
    ) -> None:
        """Have the record held against the register and all other records."""
        correction = looked.correction
        again = Request(
            subject_id=correction.subject_id,
            key_id=correction.key_id,
            key=looked.held.key,
            school=correction.school,
            area=correction.area,
            trace_id=grant.trace_id,
            identity=identity,
            wake=GATHER,
            case=looked.case,
        )
        await self.requesting.request(connection, [again], now)
        if identity == looked.held.identity:
            await self._ask_anew(connection, correction, now)
        await enqueue(connection, GATHER, [correction.subject_id], now)
        await enqueue(connection, SEEK, [correction.school], now)

    async def _ask_anew(
        self, connection: AsyncConnection, correction: Correction, now: datetime
    ) -> None:
        """Ask the same claim once more: what the register said of it counts no longer."""
        mine = verifications.c.subject_id == correction.subject_id
        doubted = update(verifications).where(mine, verifications.c.sealed_claim.is_not(None))
        await connection.execute(doubted.values(outcome=Outcome.UNKNOWN.value))
        kind = work_kind(VERIFY, self.requesting.system_of(correction.area))
        await enqueue(connection, kind, [correction.subject_id], now)

    async def _store(
        self,
        connection: AsyncConnection,
        grant: Grant,
        looked: Looked,
        after: Correction,
        action: Action,
        told: Mapping[str, str] | None = None,
    ) -> Correction:
        stored = await store_correction(connection, after)
        detail: dict[str, object] = {"correction": stored.correction_id, **(told or {})}
        child = self.sealer.index("child", stored.subject_id)
        entry = Entry(
            action=action,
            outcome=stored.state.value,
            actor=grant.actor,
            purpose=grant.purpose or "",
            basis=grant.basis,
            case=grant.case,
            object_ref=stored.correction_id,
            request_id=grant.trace_id,
            subjects=(Subject(child, stored.key_id, looked.held.key, detail, 1),),
            content={"notice": stored.notice_id, "effects": chain_hash(looked.effects)},
        )
        await self.log.append(connection, [entry])
        return stored


def _in_state(looked: Looked, *states: State) -> Correction:
    if looked.correction.state not in states:
        raise Refused(Refusal.NOT_ALLOWED)
    return looked.correction


def _require_free(looked: Looked) -> None:
    if any(one.kind is EffectKind.NUMBER_HELD for one in looked.effects):
        raise Refused(Refusal.NUMBER_HELD)
