"""What every act goes through: opened under lock, taken in turn, stored with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.code_systems import CodeSystem
from gateway.access.vocabulary import Role
from gateway.clock import Clock
from gateway.sealing import DataKey, Sealer
from gateway.verification.positives import Positives
from gateway.verification.problems.gathered import Gathered, load_gathered
from gateway.verification.problems.holdings import Held, Holdings
from gateway.verification.problems.record import Record, load
from gateway.verification.problems.rules.refusals import Refusal, Refused
from gateway.verification.problems.rules.states import Event
from gateway.verification.problems.rules.turns import TURNS, Act
from gateway.verification.problems.steps import Because, Step, Steps
from gateway.verification.problems.uniting import Uniting
from gateway.verification.query import Requesting


@dataclass(frozen=True, slots=True)
class Opened:
    """One problem record locked for one transaction, with the child's record and what was found."""

    record: Record
    held: Held = field(repr=False)
    found: Sequence[Gathered]

    @property
    def standing(self) -> list[Gathered]:
        """The findings that are not cleared."""
        return [one for one in self.found if one.standing]

    @property
    def key(self) -> DataKey:
        """The child's key."""
        return self.held.key


@dataclass(frozen=True, slots=True)
class Acting:
    """What acts need; what was decided stays quiet for `quiet_for`."""

    sealer: Sealer
    clock: Clock
    steps: Steps
    holdings: Holdings
    requesting: Requesting
    positives: Positives
    uniting: Uniting
    document_kinds: CodeSystem
    quiet_for: timedelta

    async def open(
        self, connection: AsyncConnection, problem_id: str, act: Act, role: Role
    ) -> Opened:
        """The record; raise `Refused` where the child was erased or it is not this role's turn."""
        (record,) = await load(connection, [problem_id], lock=True)
        held = await self.holdings.open(connection, [record.subject_id])
        if record.subject_id not in held or record.state not in TURNS[act]:
            raise Refused(Refusal.NOT_ALLOWED)
        if TURNS[act][record.state] is not role:
            raise Refused(Refusal.NOT_YOUR_TURN)
        found = await load_gathered(connection, [problem_id])
        return Opened(record, held[record.subject_id], found[problem_id])

    async def take(
        self,
        connection: AsyncConnection,
        opened: Opened,
        event: Event,
        after: Record,
        because: Because,
        *,
        reason: str = "",
        remark: str = "",
    ) -> Record:
        """The record as stored after one step."""
        step = Step(opened.record, event, after, reason, remark)
        keys = {opened.record.key_id: opened.key}
        (stored,) = await self.steps.commit(connection, [step], keys, because)
        return stored
