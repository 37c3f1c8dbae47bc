"""Keeping what the register said: each verdict with what follows from it, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.among import among, parameter
from gateway.clock import Clock
from gateway.leases import enqueue, finish
from gateway.rows import write_rows
from gateway.verification.asked import Asked, Said
from gateway.verification.positives import Positives
from gateway.verification.problems.findings import Judged, note_verdicts
from gateway.verification.tables import verifications

RECHECK_SECONDS = 6 * 3600.0
_CURRENT = (
    select(verifications.c.subject_id, verifications.c.claim)
    .where(among(verifications.c.subject_id, parameter("subjects")))
    .with_for_update()
)
_UPDATE = update(verifications).where(verifications.c.subject_id == bindparam("this_subject"))
_UPDATE_ONE = _UPDATE.where(verifications.c.claim == bindparam("this_claim"))


@dataclass(frozen=True, slots=True)
class Keeping:
    """Writes verdicts down; those of children have consequences, those of queries are read."""

    clock: Clock
    positives: Positives
    interactive: bool

    async def keep(self, connection: AsyncConnection, said: Sequence[Said]) -> Sequence[Said]:
        """Keep the verdicts and end their leases; those that were kept, with their instant.

        One on a claim that was replaced meanwhile is dropped: it says nothing of the present one,
        which is asked by itself.
        """
        if not said:
            return ()
        now = self.clock.now()
        said = [replace(one, answered_at=now) for one in said]
        current = await self._keep_current(connection, said)
        await self._remember(connection, current)
        await finish(connection, [one.asked.lease for one in said])
        if not self.interactive:
            await self._follow(connection, current, now)
        return current

    async def _keep_current(
        self, connection: AsyncConnection, said: Sequence[Said]
    ) -> Sequence[Said]:
        if len(said) == 1:  # somebody waits: one statement looks and writes
            this = {**_kept(said[0]), "this_claim": said[0].asked.index}
            return said if (await connection.execute(_UPDATE_ONE, this)).rowcount else ()
        current = await self._current(connection, said)
        await write_rows(connection, _UPDATE, [_kept(one) for one in current])
        return current

    async def _current(self, connection: AsyncConnection, said: Sequence[Said]) -> list[Said]:
        subjects = {"subjects": [one.asked.subject_id for one in said]}
        claims = {row.subject_id: row.claim for row in await connection.execute(_CURRENT, subjects)}
        return [one for one in said if claims.get(one.asked.subject_id) == one.asked.index]

    async def _remember(self, connection: AsyncConnection, said: Sequence[Said]) -> None:
        denied = [one for one in said if _denies(one.verdict.outcome)]
        await self.positives.forget(connection, [one.asked.claim.citizen_number for one in denied])
        if self.interactive:
            matched = [one for one in said if one.verdict.outcome is Outcome.MATCH]
            await self.positives.keep(
                connection,
                [(one.asked.claim, one.call_id, one.verdict.as_of) for one in matched],
            )

    async def _follow(
        self, connection: AsyncConnection, said: Sequence[Said], now: datetime
    ) -> None:
        await note_verdicts(connection, [_judged(one) for one in said], now)
        unknown: dict[str, list[str]] = {}
        for one in said:
            if one.verdict.outcome is Outcome.UNKNOWN:
                unknown.setdefault(one.asked.lease.kind, []).append(one.asked.subject_id)
        for kind, ids in unknown.items():
            await enqueue(connection, kind, ids, now + timedelta(seconds=RECHECK_SECONDS))
        for wake, ids in _by_wake(one.asked for one in said).items():
            await enqueue(connection, wake, ids, now)


def _denies(outcome: Outcome) -> bool:
    return outcome in (Outcome.NAME_MISMATCH, Outcome.NOT_ON_FILE, Outcome.DECEASED)


def _kept(said: Said) -> dict[str, object]:
    return {
        "this_subject": said.asked.subject_id,
        "outcome": said.verdict.outcome.value,
        "code": said.verdict.code,
        "call_id": said.call_id,
        "as_of": said.verdict.as_of,
        "attempts": said.asked.attempts + 1,
        "answered_at": said.answered_at,
    }


def _judged(said: Said) -> Judged:
    return Judged(
        subject_id=said.asked.subject_id,
        key_id=said.asked.key_id,
        school=said.asked.school,
        area=said.asked.area,
        outcome=said.verdict.outcome,
        claim=said.asked.index,
        wake=said.asked.wake,
    )


def _by_wake(asked: Iterable[Asked]) -> Mapping[str, list[str]]:
    woken: dict[str, list[str]] = {}
    for one in asked:
        if one.wake:
            woken.setdefault(one.wake, []).append(one.subject_id)
    return woken
