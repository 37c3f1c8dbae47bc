"""The worker's step that looks children up: both registers asked, what they hold kept."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import Ambiguous, Closed, Malformed, SystemFailure, TooMany, Unreadable
from contracts.records import Identity, PreschoolStatus, PrimaryRecord
from gateway.clock import Clock
from gateway.database import Database
from gateway.intake.claiming import claim
from gateway.intake.found import load_rejected, replace_found
from gateway.intake.handover import Handover, load, load_versions, replace, store
from gateway.intake.rules.precedence import Standing, stand
from gateway.intake.rules.states import FOUND_BY_LOOKING, Event, State
from gateway.intake.rules.writes import FOUND_HERE
from gateway.intake.steps.asking import Registers
from gateway.intake.steps.group import Group
from gateway.intake.steps.search import Lookup, search
from gateway.leases import Lease, enqueue, finish, lease, postpone
from gateway.people.indexes import Indexes, index_identity
from gateway.people.numbers import People
from gateway.sealing import DataKey, Sealer, load_keys
from gateway.verification.query import Request, Requesting, standings

LOOK = "look"
DECIDE = "decide"
LEASE_SECONDS = 120.0
WAIT_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 300.0
_CAN_BE_CARRIED = (PreschoolStatus.GRADUATED, PreschoolStatus.LEFT)
_SPOILT = (Unreadable, Malformed, TooMany, Ambiguous)


@dataclass(frozen=True, slots=True)
class Looking:
    """What looking up needs."""

    database: Database
    sealer: Sealer
    clock: Clock
    registers: Registers
    people: People
    verifying: Requesting
    patience_seconds: float

    async def step(self, limit: int = 200) -> int:
        """Look up to `limit` due children up; how many there were."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            room = await self.registers.room(connection, now, limit)
            if not room:
                return 0
            leases = await lease(connection, LOOK, room, now, LEASE_SECONDS)
            group = await self._open(connection, leases)
        await self._look(group)
        return len(leases)

    async def _look(self, group: Group) -> None:
        try:
            standing = await self._ask(group)
        except SystemFailure as failure:
            if await self._worth_halving(group, failure):
                for half in group.halves():
                    await self._look(half)
            else:
                await self._give_back(group, failure)
        else:
            await self._keep(group, standing)

    async def _worth_halving(self, group: Group, failure: SystemFailure) -> bool:
        """Whether one child's record may have spoilt the answer to all, again and again."""
        if not isinstance(failure, _SPOILT) or len(group.handovers) < 2 or group.attempts < 2:
            return False
        async with self.database.reading() as connection:
            return bool(await self.registers.room(connection, self.clock.now(), 1))

    async def _open(self, connection: AsyncConnection, leases: Sequence[Lease]) -> Group:
        by_id = {lease.subject_id: lease for lease in leases}
        loaded = await load(connection, by_id)
        keys = await load_keys(connection, [h.key_id for h in loaded], self.sealer)
        looked = [h for h in loaded if h.key_id in keys and _may_look(h)]
        done = set(by_id) - {h.handover_id for h in looked}
        await finish(connection, [by_id[handover_id] for handover_id in done])
        rejected = await load_rejected(connection, [h.handover_id for h in looked])
        identities = {h.handover_id: h.identity(keys[h.key_id]) for h in looked}
        numbers = [i.number for i in identities.values() if i.number]
        aliases = await self.people.aliases(connection, numbers)
        lookups = [
            _lookup(h, identities[h.handover_id], aliases, rejected.get(h.handover_id, frozenset()))
            for h in looked
        ]
        kept = {h.handover_id: by_id[h.handover_id] for h in looked}
        return Group(kept, looked, keys, lookups)

    async def _ask(self, group: Group) -> Mapping[str, Sequence[PrimaryRecord]]:
        """Fill the lookups; the primary register's records of each child."""
        children = {
            handover.handover_id: group.child(handover, lookup)
            for handover, lookup in zip(group.handovers, group.lookups, strict=True)
        }
        await search(group.lookups, lambda asked: self.registers.find_preschool(asked, children))
        await self.registers.learn_places(
            {h.school for h in group.handovers},
            {c.record.institution for lookup in group.lookups for c in lookup.candidates},
        )
        return await self.registers.find_students(group.lookups, children)

    async def _give_back(self, group: Group, failure: SystemFailure) -> None:
        backoff = min(WAIT_SECONDS * 2**group.attempts, LONGEST_WAIT_SECONDS)
        due_at = self.clock.now() + timedelta(seconds=max(backoff, failure.retry_after or 0.0))
        async with self.database.transaction() as connection:
            leases = list(group.leases.values())
            await postpone(connection, leases, due_at, attempted=not isinstance(failure, Closed))

    async def _keep(self, group: Group, students: Mapping[str, Sequence[PrimaryRecord]]) -> None:
        async with self.database.transaction() as connection:
            now = self.clock.now()
            versions = await load_versions(connection, group.leases)
            # Whoever moved a handover meanwhile (a report taken back, say) wins: look again.
            kept = [
                (handover, lookup)
                for handover, lookup in zip(group.handovers, group.lookups, strict=True)
                if versions[handover.handover_id] == handover.version
            ]
            unmoved = {handover.handover_id for handover, _ in kept}
            overtaken = [item for i, item in group.leases.items() if i not in unmoved]
            await postpone(connection, overtaken, now)
            await self._store(connection, group, kept, students, now)
            await finish(connection, [group.leases[h.handover_id] for h, _ in kept])

    async def _store(
        self,
        connection: AsyncConnection,
        group: Group,
        kept: Sequence[tuple[Handover, Lookup]],
        students: Mapping[str, Sequence[PrimaryRecord]],
        now: datetime,
    ) -> None:
        matched = [_matched_number(lookup) for _, lookup in kept]
        await self.people.adopt(connection, [n for n in matched if n], "preschool", now)
        await replace_found(
            connection, [(h, lookup.candidates) for h, lookup in kept], group.keys, self.sealer
        )
        await claim(connection, [(h, self._indexes(lookup)) for h, lookup in kept])
        aliases = await self._aliases(connection, kept, students)
        changed = [
            self._looked(h, lookup, students[h.handover_id], aliases, group.keys[h.key_id], now)
            for h, lookup in kept
        ]
        await store(connection, changed)
        requests = [_request(h, lookup, group) for h, lookup in kept]
        await self.verifying.request(connection, requests, now)
        offers = zip(changed, (lookup for _, lookup in kept), strict=True)
        awaiting = {h.handover_id for h, lookup in offers if _awaits_verdict(h, lookup)}
        await self._await_verdicts(connection, changed, awaiting, now)

    async def _await_verdicts(
        self,
        connection: AsyncConnection,
        changed: Sequence[Handover],
        awaiting: AbstractSet[str],
        now: datetime,
    ) -> None:
        """Have each decided when its verdict comes, at last in time; the others at once."""
        verified = await standings(connection, sorted(awaiting))
        pending = [i for i in awaiting if i in verified and verified[i].outcome is None]
        ready = [h.handover_id for h in changed if h.handover_id not in pending]
        await enqueue(connection, DECIDE, ready, now)
        patience = timedelta(seconds=self.patience_seconds)
        await enqueue(connection, DECIDE, pending, now + patience)

    async def _aliases(
        self,
        connection: AsyncConnection,
        kept: Sequence[tuple[Handover, Lookup]],
        students: Mapping[str, Sequence[PrimaryRecord]],
    ) -> Mapping[str, str]:
        records = [record for h, _ in kept for record in students[h.handover_id]]
        numbers = {record.child.identity.number for record in records} - {None}
        ours = {lookup.number for _, lookup in kept} | {
            _matched_number(lookup) for _, lookup in kept
        }
        wanted = [number for number in numbers | ours if number]
        return await self.people.aliases(connection, wanted) if records else {}

    def _indexes(self, lookup: Lookup) -> tuple[str, ...]:
        matched = lookup.matched
        identities = [lookup.identity_in_force] + ([matched.child.identity] if matched else [])
        every: list[Indexes] = [index_identity(identity, self.sealer) for identity in identities]
        return tuple(index for indexes in every for index in indexes.identifying)

    def _looked(
        self,
        handover: Handover,
        lookup: Lookup,
        students: Sequence[PrimaryRecord],
        aliases: Mapping[str, str],
        key: DataKey,
        now: datetime,
    ) -> Handover:
        finding, matched = lookup.finding, lookup.matched
        number = _matched_number(lookup)
        current = number or lookup.number
        standing = stand(students, handover.school, current, lambda n: aliases.get(n, n))
        searching = handover.state == State.SEARCHING
        again = replace(handover, looked_from=str(handover.situation))
        moved = handover if searching else again.moved(Event.LOOK, now)
        here = next((r for r in students if r.live and r.school == handover.school), None)
        return replace(
            moved,
            grade=("many" if handover.undistinguished else finding.grade.value),
            standing=standing.value,
            matched_record=matched.record_id if matched else None,
            sealed_number=key.seal(number.encode(), "number") if number else None,
            create_receipt=FOUND_HERE if here else None,
            since_at=handover.since_at,
            looked_at=now,
            patience_until=now + timedelta(seconds=self.patience_seconds),
            unmapped=None,
        )


def _may_look(handover: Handover) -> bool:
    if handover.state in (State.SEARCHING, State.CREATE_NEW, State.OFFERED):
        return True
    return handover.situation.hold in FOUND_BY_LOOKING


def _lookup(
    handover: Handover, identity: Identity, aliases: Mapping[str, str], rejected: frozenset[str]
) -> Lookup:
    number = aliases.get(identity.number, identity.number) if identity.number else None
    return Lookup(handover.handover_id, identity, number, rejected, handover.chosen_record)


def _awaits_verdict(handover: Handover, lookup: Lookup) -> bool:
    """Whether only the verdict can be in the way of an offer; deciding has the last word."""
    matched = lookup.matched
    nowhere = handover.standing == Standing.NOWHERE
    return matched is not None and nowhere and matched.status in _CAN_BE_CARRIED


def _matched_number(lookup: Lookup) -> str | None:
    return lookup.matched.child.identity.number if lookup.matched else None


def _request(handover: Handover, lookup: Lookup, group: Group) -> Request:
    matched = lookup.matched
    return Request(
        subject_id=handover.handover_id,
        key_id=handover.key_id,
        key=group.keys[handover.key_id],
        school=handover.school,
        area=handover.area,
        trace_id=handover.trace_id,
        identity=matched.child.identity if matched else lookup.identity,
        wake=DECIDE,
    )
