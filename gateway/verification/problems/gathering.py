"""The worker's step: every child's problem record is brought in line with its findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import Outcome
from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import finish, lease
from gateway.sealing import Sealer, load_keys
from gateway.verification.problems.findings import GATHER, Finding, raise_findings
from gateway.verification.problems.record import Record, load_standing
from gateway.verification.problems.rules.classes import CLASS_OF, CONFIDENTIAL
from gateway.verification.problems.rules.remedies import REFUTES_A_CHANGE, Resolution
from gateway.verification.problems.rules.states import Event, State
from gateway.verification.problems.steps import Because, Step, Steps
from gateway.verification.problems.superseded import put_aside
from gateway.verification.problems.tables import problem_findings
from gateway.verification.query import Standing, standings

LEASE_SECONDS = 60.0
AT_ONCE = 200

# A child, and whether it is the side of it that only offices may know.
_Side = tuple[str, bool]
_Found = Row[tuple[object, ...]]
_columns = problem_findings.c
_GATHERED = update(problem_findings).where(
    _columns.subject_id == bindparam("this_subject"),
    _columns.problem_class == bindparam("this_class"),
    _columns.counterpart == bindparam("this_counterpart"),
)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Opens, extends and closes problem records as findings come and go."""

    database: Database
    sealer: Sealer
    clock: Clock
    identifiers: Callable[[], str]
    steps: Steps

    async def step(self) -> int:
        """Serve a few hundred children; how many there were."""
        async with self.database.transaction() as connection:
            now = self.clock.now()
            leases = await lease(connection, GATHER, AT_ONCE, now, LEASE_SECONDS)
            await self._gather(connection, [one.subject_id for one in leases], now)
            await finish(connection, leases)
        return len(leases)

    async def _gather(
        self, connection: AsyncConnection, subject_ids: Sequence[str], now: datetime
    ) -> None:
        standing = {
            (record.subject_id, record.confidential): record
            for record in await load_standing(connection, subject_ids)
        }
        found = await _standing_findings(connection, subject_ids)
        changing = [r for r in standing.values() if r.state is State.CHANGING]
        answers = await _answers(connection, changing, now)
        steps = [
            step
            for side in sorted(standing.keys() | found.keys())
            for step in self._next(side, standing.get(side), found.get(side, []), now)
        ]
        steps = [step for step in steps if step.before.state is not State.CHANGING]
        steps += _verified(standing.values(), answers, now)
        keys = await load_keys(connection, [step.after.key_id for step in steps], self.sealer)
        steps = [step for step in steps if step.after.key_id in keys]
        await self.steps.commit(connection, steps, keys, Because())
        await _note_gathered(connection, steps, found)
        refuted = [step for step in steps if step.event is Event.REFUTE_CHANGE]
        await raise_findings(connection, [_refutation(step) for step in refuted], now)

    def _next(
        self, side: _Side, record: Record | None, found: Sequence[_Found], now: datetime
    ) -> Iterator[Step]:
        """The step that is due on one side of one child, if any is."""
        if record is None and found:
            event = Event.OPEN_AT_COUNTY if side[1] else Event.OPEN
            draft = _draft(self.identifiers(), found[0], now, confidential=side[1])
            yield Step(draft, event, draft.moved(event, now))
        elif record is not None and not found:
            over = replace(record.moved(Event.CLEAR, now), resolution=Resolution.CLEARED)
            yield Step(record, Event.CLEAR, over, reason=Resolution.CLEARED)
        elif record is not None and any(one.problem_id is None for one in found):
            yield Step(record, Event.JOIN, record.moved(Event.JOIN, now))


def _verified(
    records: Iterable[Record], answers: Mapping[str, Standing], now: datetime
) -> Iterator[Step]:
    """The step of each changed record whose new particulars the register has answered about."""
    for record in records:
        answer = answers.get(record.subject_id)
        outcome = answer.outcome if answer else None
        if record.state is not State.CHANGING or outcome in (None, Outcome.UNKNOWN):
            continue
        event = Event.REFUTE_CHANGE if outcome in REFUTES_A_CHANGE else Event.CONFIRM_CHANGE
        after = record.moved(event, now)
        if event is Event.CONFIRM_CHANGE:
            after = replace(after, resolution=Resolution.CHANGED)
        yield Step(record, event, after, reason=outcome if event is Event.REFUTE_CHANGE else "")


async def _answers(
    connection: AsyncConnection, changing: Sequence[Record], now: datetime
) -> Mapping[str, Standing]:
    """What the register said of each changed record's new particulars.

    Where a register that still holds the former ones had these asked about meanwhile, what was
    said of the new ones before the leader saw them counts.
    """
    asked = {record.subject_id: record.check_id or "" for record in changing}
    found = await standings(connection, [*asked, *asked.values()])
    pairs = [(one.subject_id, one.claim) for one in found.values()]
    former = {subject_id for subject_id, _ in await put_aside(connection, pairs, now)}
    named = {one: asked[one] if one in former else one for one in asked}
    return {one: found[name] for one, name in named.items() if name in found}


def _refutation(step: Step) -> Finding:
    record = step.after
    problem_class = CLASS_OF[Outcome(step.reason)]
    return Finding(record.subject_id, record.key_id, record.school, record.area, problem_class)


def _draft(problem_id: str, found: _Found, now: datetime, *, confidential: bool) -> Record:
    return Record(
        problem_id=problem_id,
        subject_id=found.subject_id,
        key_id=found.key_id,
        school=found.school,
        area=found.area,
        confidential=confidential,
        state=None,
        owner="",
        opened_at=now,
        updated_at=now,
        since_at=now,
    )


async def _standing_findings(
    connection: AsyncConnection, subject_ids: Sequence[str]
) -> Mapping[_Side, list[_Found]]:
    query = (
        select(problem_findings)
        .where(_columns.subject_id.in_(list(subject_ids)), _columns.cleared_at.is_(None))
        .order_by(_columns.subject_id, _columns.problem_class, _columns.counterpart)
    )
    found: dict[_Side, list[_Found]] = {}
    for row in await connection.execute(query):
        side = (row.subject_id, row.problem_class in CONFIDENTIAL)
        found.setdefault(side, []).append(row)
    return found


async def _note_gathered(
    connection: AsyncConnection, steps: Sequence[Step], found: Mapping[_Side, list[_Found]]
) -> None:
    gathered = [
        {
            "this_subject": one.subject_id,
            "this_class": one.problem_class,
            "this_counterpart": one.counterpart,
            "problem_id": step.after.problem_id,
        }
        for step in steps
        for one in found.get((step.after.subject_id, step.after.confidential), [])
        if one.problem_id is None
    ]
    if gathered:
        await connection.execute(_GATHERED, gathered)
