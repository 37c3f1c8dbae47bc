"""The county decides a correction: one person proposes, another confirms, or one rejects it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Log
from gateway.verification.notices.carrying_out import CarryingOut
from gateway.verification.notices.effects import chain_hash
from gateway.verification.notices.entries import Entries
from gateway.verification.notices.looking import Looked, Looking
from gateway.verification.notices.notice import Correction, ended, store_correction
from gateway.verification.notices.rules import EffectKind, Refusal, Refused, State


@dataclass(frozen=True, slots=True)
class Deciding:
    """What it takes to decide."""

    clock: Clock
    log: Log
    entries: Entries
    looking: Looking
    carrying_out: CarryingOut

    async def propose(
        self, connection: AsyncConnection, grant: Grant, looked: Looked
    ) -> Correction:
        """The correction before a second person, bound to the chain the first has seen.

        Where the chain has changed since it was proposed, it is proposed again.
        """
        correction = _in_state(looked, State.QUARANTINED, State.PROPOSED)
        bound = chain_hash(looked.effects)
        if correction.effects_hash == bound:
            raise Refused(Refusal.NOT_ALLOWED)
        _require_free(looked)
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
            raise Refused(Refusal.CHAIN_CHANGED)
        now = self.clock.now()
        after = ended(correction, State.CONFIRMED, grant.user, now)
        stored = await self._store(connection, grant, looked, after, Action.NOTICE_CONFIRMED)
        await self.carrying_out.carry_out(connection, grant, looked, now)
        return stored

    async def reject(
        self, connection: AsyncConnection, grant: Grant, looked: Looked, remark: str
    ) -> Correction:
        """The correction put away with the reason; the record stays as it is."""
        correction = _in_state(looked, State.QUARANTINED, State.PROPOSED)
        now = self.clock.now()
        after = ended(correction, State.REJECTED, grant.user, now)
        await self.carrying_out.let_go(connection, correction, now)
        told = {"remark": remark}
        return await self._store(connection, grant, looked, after, Action.NOTICE_REJECTED, told)

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
        content = {"notice": stored.notice_id, "effects": chain_hash(looked.effects)}
        outcome, key = stored.state.value, looked.held.key
        entry = self.entries.entry(grant, action, outcome, stored, key, content, told or {})
        await self.log.append(connection, [entry])
        return stored


def _in_state(looked: Looked, *states: State) -> Correction:
    if looked.correction.state not in states:
        raise Refused(Refusal.NOT_ALLOWED)
    return looked.correction


def _require_free(looked: Looked) -> None:
    if any(one.kind is EffectKind.NUMBER_HELD for one in looked.effects):
        raise Refused(Refusal.NUMBER_HELD)
