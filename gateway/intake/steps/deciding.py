"""The worker's step that decides: what was found becomes an offer, a hold, or a new record."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from contracts.records import PreschoolRecord
from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action
from gateway.intake.claiming import claimable, claimed_elsewhere
from gateway.intake.found import Found, load_found
from gateway.intake.handover import Handover, load, replace
from gateway.intake.moves import Because, Move, Moves
from gateway.intake.rules.offer import Offer, make_offer
from gateway.intake.rules.precedence import Findings, Standing, Step, decide
from gateway.intake.rules.states import Event, Hold, State
from gateway.intake.rules.windows import Windows
from gateway.intake.steps.carrying import CARRY
from gateway.intake.steps.looking import DECIDE, LOOK
from gateway.leases import Lease, enqueue, finish, lease, postpone
from gateway.office_hours import OFFICE_TIME
from gateway.people.matching import Grade, conclude
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.query import standings
from mappings import Crosswalks

LEASE_SECONDS = 60.0
LOOK_AGAIN = timedelta(days=1)
_WAITS_FOR_A_REGISTER = frozenset(Hold) - {Hold.WINDOW_CLOSED}


@dataclass(frozen=True, slots=True)
class Case:
    """One handover with everything its decision goes by."""

    lease: Lease
    handover: Handover
    found: Sequence[Found]
    findings: Findings
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class Deciding:
    """What deciding needs."""

    database: Database
    sealer: Sealer
    clock: Clock
    crosswalks: Crosswalks
    moves: Moves
    windows: Windows
    automatic_acceptance: bool

    async def step(self, limit: int = 200) -> int:
        """Decide up to `limit` due handovers in one transaction; how many there were."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            leases = await lease(connection, DECIDE, limit, now, LEASE_SECONDS)
            if not leases:
                return 0
            by_id = {lease.subject_id: lease for lease in leases}
            loaded = await load(connection, by_id, lock=True)
            keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
            ready = [h for h in loaded if h.state == State.SEARCHING and h.key_id in keys]
            cases = await self._cases(connection, ready, by_id, keys, now)
            decided = [(case, decide(case.findings)) for case in cases]
            waiting = [case for case, step in decided if step is None]
            await self._wait(connection, waiting)
            done = [(case, step) for case, step in decided if step is not None]
            await self._apply(connection, done, keys, now)
            still = {case.lease.subject_id for case in waiting}
            await finish(connection, [item for item in leases if item.subject_id not in still])
            return len(leases)

    async def _cases(
        self,
        connection: AsyncConnection,
        ready: Sequence[Handover],
        leases: Mapping[str, Lease],
        keys: Mapping[str, DataKey],
        now: datetime,
    ) -> list[Case]:
        found = await load_found(connection, ready, keys)
        verified = await standings(connection, [h.handover_id for h in ready])
        indexes = {h.handover_id: (h.school, claimable(h, found[h.handover_id])) for h in ready}
        contested = await claimed_elsewhere(connection, indexes)
        cases = []
        for handover in ready:
            verification = verified.get(handover.handover_id)
            outcome = verification.outcome if verification else Outcome.NOT_APPLICABLE
            cases.append(
                self._case(
                    handover,
                    leases[handover.handover_id],
                    found[handover.handover_id],
                    handover.handover_id in contested,
                    outcome,
                    now,
                )
            )
        return cases

    def _case(
        self,
        handover: Handover,
        lease: Lease,
        found: Sequence[Found],
        contested: bool,
        outcome: Outcome | None,
        now: datetime,
    ) -> Case:
        counting = [one for one in found if not one.rejected]
        chosen = next(
            (f.record for f in counting if f.record.record_id == handover.chosen_record), None
        )
        findings = Findings(
            school=handover.school,
            today=now.astimezone(OFFICE_TIME).date(),
            standing=Standing(handover.standing or Standing.NOWHERE),
            open_elsewhere=contested,
            finding=conclude([one.candidate for one in counting]),
            undistinguished=handover.undistinguished,
            chosen=chosen,
            verdict_due=outcome is None and _patient(handover, now),
            deceased=outcome is Outcome.DECEASED and handover.identity_cleared_by is None,
            unmapped=False,
            window_open=self.windows.is_open(CARRY, now),
        )
        offer = self._offer(handover, findings.matched)
        if offer is not None and offer.unmapped:
            findings = findings.parked()
        return Case(lease, handover, found, findings, offer)

    def _offer(self, handover: Handover, matched: PreschoolRecord | None) -> Offer | None:
        if matched is None or matched.child.identity.number is None:
            return None
        return make_offer(handover, matched, self.crosswalks)

    async def _wait(self, connection: AsyncConnection, waiting: Sequence[Case]) -> None:
        together: dict[datetime, list[Lease]] = defaultdict(list)
        for case in waiting:
            until = case.handover.patience_until
            assert until is not None  # _patient said so
            together[until].append(case.lease)
        for until, leases in together.items():
            await postpone(connection, leases, until)

    async def _apply(
        self,
        connection: AsyncConnection,
        decided: Sequence[tuple[Case, Step]],
        keys: Mapping[str, DataKey],
        now: datetime,
    ) -> None:
        moves = [self._move(case, step, keys, now) for case, step in decided]
        stored = await self.moves.commit(connection, moves, keys, Because())
        accepting = [h for h in stored if h.state == State.OFFERED and self._accepts(h)]
        accepted = await self._accept(connection, accepting, keys, now)
        await enqueue(
            connection,
            CARRY,
            [h.handover_id for h in (*stored, *accepted) if h.state == State.ACCEPTED],
            now,
        )
        held = [h for h in stored if h.state == State.HELD]
        again = [h.handover_id for h in held if h.situation.hold in _WAITS_FOR_A_REGISTER]
        await enqueue(connection, LOOK, again, now + LOOK_AGAIN)
        opening = self.windows.opens_at(CARRY, now)
        if opening is not None:
            shut = [h.handover_id for h in held if h.hold == Hold.WINDOW_CLOSED]
            await enqueue(connection, LOOK, shut, opening)

    def _move(self, case: Case, step: Step, keys: Mapping[str, DataKey], now: datetime) -> Move:
        matched = case.findings.matched
        after = case.handover.moved(step.event, now, step.hold)
        if matched is not None and after.matched_record != matched.record_id:
            number = matched.child.identity.number
            key = keys[after.key_id]
            after = replace(
                after,
                matched_record=matched.record_id,
                sealed_number=key.seal(number.encode(), "number") if number else None,
            )
        if step.hold is Hold.UNMAPPED_CODE and case.offer is not None:
            missing = sorted({value.code_system for value in case.offer.unmapped})
            after = replace(after, unmapped=json.dumps(missing))
        if step.event is Event.OFFER and case.offer is not None:
            supplement = json.dumps(case.offer.to_supplement, ensure_ascii=False)
            # A proposal stands only for the very offer it was made for.
            same = case.handover.offer_hash == case.offer.hash
            after = replace(
                after,
                offer_hash=case.offer.hash,
                to_supplement=supplement,
                proposed_by=case.handover.proposed_by if same else None,
            )
        return _move(case.handover, after, _kindergarten(case))

    def _accepts(self, handover: Handover) -> bool:
        exact = handover.grade == Grade.EXACT and handover.chosen_record is None
        return self.automatic_acceptance and exact

    async def _accept(
        self,
        connection: AsyncConnection,
        offered: Sequence[Handover],
        keys: Mapping[str, DataKey],
        now: datetime,
    ) -> list[Handover]:
        if not offered:
            return []
        moves = [Move(h, replace(h.moved(Event.CONFIRM, now), automatic=True)) for h in offered]
        because = Because(action=Action.HANDOVER_CONFIRMED, reason="automatic_acceptance")
        return await self.moves.commit(connection, moves, keys, because)


def _move(handover: Handover, after: Handover, kindergarten: str | None) -> Move:
    """The move; none where a fresh look ended where it began: that clock must go on running."""
    same_offer = after.state != State.OFFERED or after.offer_hash == handover.offer_hash
    if handover.looked_from != str(after.situation) or not same_offer:
        return Move(handover, after, kindergarten)
    before = replace(handover, state=after.state, hold=after.hold)
    return Move(before, replace(after, since_at=handover.since_at, looked_from=None))


def _patient(handover: Handover, now: datetime) -> bool:
    return handover.patience_until is not None and now < handover.patience_until


def _kindergarten(case: Case) -> str | None:
    if case.findings.matched is not None:
        return case.findings.matched.institution
    counting = [one.record.institution for one in case.found if not one.rejected]
    return counting[0] if counting else None
