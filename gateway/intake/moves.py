"""What every move of a group of handovers entails: owner, deadline, store, evidence, feed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.calls.exchange import PURPOSE, WORKER
from gateway.clock import Clock
from gateway.evidence import Action, Actor, Entry, Log, Subject
from gateway.intake.changes import Passage, Telling
from gateway.intake.handover import Handover, store
from gateway.intake.places import load_places
from gateway.intake.rules.turns import Turns
from gateway.office_hours import OFFICE_TIME
from gateway.sealing import DataKey, Sealer

# Deadlines are days of the office that has to act.


@dataclass(frozen=True, slots=True)
class Move:
    """One handover before and after, and the kindergarten its record came from, where known.

    `outcome` names an act that is evidence even where the situation stays; `detail` is kept of it
    under the child's own key.
    """

    before: Handover
    after: Handover
    kindergarten: str | None = None
    outcome: str = ""
    detail: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Because:
    """Why handovers move: who decided, under which purpose and case, as which kind of action."""

    action: Action = Action.HANDOVER_MOVED
    actor: Actor = WORKER
    purpose: str = PURPOSE
    basis: str = ""
    case: str = ""
    trace_id: str = ""
    reason: str = ""

    def entry(
        self, outcome: str, object_ref: str, case: str, subjects: Sequence[Subject] = ()
    ) -> Entry:
        """An entry that says what came of it."""
        return Entry(
            action=self.action,
            outcome=outcome,
            actor=self.actor,
            purpose=self.purpose,
            basis=self.basis,
            case=self.case or case,
            object_ref=object_ref,
            request_id=self.trace_id or object_ref,
            subjects=tuple(subjects),
            content={"reason": self.reason} if self.reason else {},
        )


@dataclass(frozen=True, slots=True)
class Moves:
    """Commits moves."""

    sealer: Sealer
    clock: Clock
    log: Log
    turns: Turns
    telling: Telling

    async def commit(
        self,
        connection: AsyncConnection,
        moves: Sequence[Move],
        keys: Mapping[str, DataKey],
        because: Because,
    ) -> list[Handover]:
        """The handovers as stored, each with its owner and deadline, all with their entries."""
        codes = {m.after.school for m in moves} | {m.kindergarten for m in moves if m.kindergarten}
        places = await load_places(connection, codes)
        today = self.clock.now().astimezone(OFFICE_TIME).date()
        placed = [
            self.turns.assign(move.after, move.kindergarten, places, today)
            if move.after.situation != move.before.situation
            else move.after
            for move in moves
        ]
        stored = await store(connection, placed)
        await self.log.append(connection, self._entries(moves, keys, because))
        passages = [
            Passage(move.before.situation.state, move.after, move.kindergarten) for move in moves
        ]
        await self.telling.record(connection, passages, keys)
        return stored

    def _entries(
        self, moves: Sequence[Move], keys: Mapping[str, DataKey], because: Because
    ) -> list[Entry]:
        alike: dict[tuple[str, str, str], list[Move]] = defaultdict(list)
        for move in moves:
            if move.outcome or move.after.situation != move.before.situation:
                outcome = move.outcome or str(move.after.situation)
                case = because.case or move.after.case_reference
                alike[outcome, case, because.trace_id or move.after.trace_id].append(move)
        return [
            replace(because, trace_id=trace_id).entry(
                outcome,
                group[0].after.handover_id if len(group) == 1 else "",
                case,
                [self._subject(row, move, keys) for row, move in enumerate(group, 1)],
            )
            for (outcome, case, trace_id), group in alike.items()
        ]

    def _subject(self, row: int, move: Move, keys: Mapping[str, DataKey]) -> Subject:
        after = move.after
        told = {"handover": after.handover_id, "from": str(move.before.situation)}
        detail = {**told, "to": str(after.situation), **move.detail}
        ref = self.sealer.index("child", after.handover_id)
        return Subject(ref=ref, key_id=after.key_id, key=keys[after.key_id], detail=detail, row=row)
