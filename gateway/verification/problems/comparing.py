"""The worker's step: what the register said of a proposed change, before the leader sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import finish, lease
from gateway.sealing import Sealer, load_keys
from gateway.verification.problems.findings import COMPARE, Finding, raise_findings
from gateway.verification.problems.record import Record, load_checked
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.rules.remedies import REFUTES_A_CHANGE
from gateway.verification.problems.rules.states import Event, State
from gateway.verification.problems.steps import Because, Step, Steps
from gateway.verification.query import Standing, standings

LEASE_SECONDS = 60.0
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Comparing:
    """Lets a proposed change through to the leader, or sends it back with the reason."""

    database: Database
    sealer: Sealer
    clock: Clock
    steps: Steps

    async def step(self) -> int:
        """Serve the comparisons that were answered; how many there were."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            leases = await lease(connection, COMPARE, AT_ONCE, now, LEASE_SECONDS)
            await self._compare(connection, [one.subject_id for one in leases], now)
            await finish(connection, leases)
        return len(leases)

    async def _compare(
        self, connection: AsyncConnection, check_ids: Sequence[str], now: datetime
    ) -> None:
        waiting = await load_checked(connection, check_ids)
        waiting = [record for record in waiting if record.state is State.CHECKING]
        answers = await standings(connection, check_ids)
        steps = [_step(record, answers, now) for record in waiting if _answered(record, answers)]
        keys = await load_keys(connection, [step.after.key_id for step in steps], self.sealer)
        steps = [step for step in steps if step.after.key_id in keys]
        await self.steps.commit(connection, steps, keys, Because())
        marked = [step.after for step in steps if _outcome(step.after, answers) is Outcome.DECEASED]
        await raise_findings(connection, [_death_mark(record) for record in marked], now)


def _step(record: Record, answers: Mapping[str, Standing], now: datetime) -> Step:
    outcome = _outcome(record, answers)
    if outcome in REFUTES_A_CHANGE:
        return Step(record, Event.FAIL_CHECK, record.moved(Event.FAIL_CHECK, now), reason=outcome)
    return Step(record, Event.PASS_CHECK, record.moved(Event.PASS_CHECK, now))


def _answered(record: Record, answers: Mapping[str, Standing]) -> bool:
    return _outcome(record, answers) not in (None, Outcome.UNKNOWN)


def _outcome(record: Record, answers: Mapping[str, Standing]) -> Outcome | None:
    answer = answers.get(record.check_id or "")
    return answer.outcome if answer else None


def _death_mark(record: Record) -> Finding:
    of_record = (record.subject_id, record.key_id, record.school, record.area)
    return Finding(*of_record, ProblemClass.DEATH_MARK)
