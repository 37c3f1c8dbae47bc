"""What a confirmed correction does: every effect of its chain once, an entry for each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from contracts.records import Identity
from gateway.access.grants import Grant
from gateway.evidence import Action, Log
from gateway.leases import enqueue
from gateway.sealing import Sealer
from gateway.verification.claims import index_question
from gateway.verification.notices.effects import pending_cancellations
from gateway.verification.notices.entries import Entries
from gateway.verification.notices.looking import Looked
from gateway.verification.notices.notice import Correction, ended, store_correction
from gateway.verification.notices.rules import NoticeKind, State
from gateway.verification.positives import Positives
from gateway.verification.problems.findings import (
    GATHER,
    SEEK,
    Finding,
    clear_findings,
    raise_findings,
)
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.superseded import supersede
from gateway.verification.query import VERIFY, Request, Requesting, work_kind
from gateway.verification.tables import verifications

_MARK, _CHANGED = ProblemClass.DEATH_MARK, ProblemClass.DOCUMENT_CHANGED
# What stood against the former particulars is over; the new ones are verified.
_OVER = (_CHANGED, ProblemClass.DOCUMENT_NAME_MISMATCH, ProblemClass.DOCUMENT_NOT_ON_FILE)


@dataclass(frozen=True, slots=True)
class CarryingOut:
    """What it takes; what a change put aside stays quiet for `quiet_for`."""

    sealer: Sealer = field(repr=False)
    log: Log
    entries: Entries
    holdings: Holdings
    requesting: Requesting
    positives: Positives
    quiet_for: timedelta

    async def carry_out(
        self, connection: AsyncConnection, grant: Grant, looked: Looked, now: datetime
    ) -> None:
        """Let the chain take effect; the caller has it confirmed in the same transaction."""
        correction, before = looked.correction, looked.held.identity
        after = looked.notice.apply(before)
        numbers = {one.document.number for one in (before, after) if one.document}
        await self.positives.forget(connection, numbers)
        if looked.notice.kind is NoticeKind.CANCELLED:
            await raise_findings(connection, [_mark(correction)], now)
        if looked.notice.kind is NoticeKind.RESTORED:
            await self._restore(connection, grant, looked, now)
        if after != before:
            await self._change(connection, correction, before, after, now)
        if looked.notice.kind is not NoticeKind.CANCELLED:
            await self._verify_again(connection, grant, looked, after, now)
        await self._put_on_record(connection, grant, looked)

    async def let_go(
        self, connection: AsyncConnection, correction: Correction, now: datetime
    ) -> None:
        """End what the notice had revealed, where it is not to be carried out."""
        revealed = [(correction.subject_id, _CHANGED.value, "")]
        await clear_findings(connection, revealed, now)

    async def _restore(
        self, connection: AsyncConnection, grant: Grant, looked: Looked, now: datetime
    ) -> None:
        """Undo what a cancellation did, and see that one still waiting does nothing any more."""
        subject_id = looked.correction.subject_id
        await clear_findings(connection, [(subject_id, _MARK.value, "")], now)
        for pending in await pending_cancellations(connection, subject_id, lock=True):
            await store_correction(connection, ended(pending, State.WITHDRAWN, grant.user, now))

    async def _put_on_record(
        self, connection: AsyncConnection, grant: Grant, looked: Looked
    ) -> None:
        correction, key = looked.correction, looked.held.key
        entries = [
            self.entries.entry(
                grant,
                Action.NOTICE_EFFECT,
                effect.kind.value,
                correction,
                key,
                {"reference": effect.reference, "notice": correction.notice_id},
                {},
            )
            for effect in looked.effects
        ]
        await self.log.append(connection, entries)

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
        over = [(subject_id, one.value, "") for one in _OVER]
        await clear_findings(connection, over, now)

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
        await enqueue(connection, SEEK, [correction.school], now)
        await enqueue(connection, GATHER, [correction.subject_id], now)

    async def _ask_anew(
        self, connection: AsyncConnection, correction: Correction, now: datetime
    ) -> None:
        """Ask the same claim once more: what the register said of it counts no longer."""
        mine = verifications.c.subject_id == correction.subject_id
        doubted = update(verifications).where(mine, verifications.c.sealed_claim.is_not(None))
        await connection.execute(doubted.values(outcome=Outcome.UNKNOWN.value))
        kind = work_kind(VERIFY, self.requesting.system_of(correction.area))
        await enqueue(connection, kind, [correction.subject_id], now)


def _mark(correction: Correction) -> Finding:
    who = (correction.subject_id, correction.key_id, correction.school, correction.area)
    return Finding(*who, _MARK, claim=correction.notice_id)
