"""The worker's step that reads the kindergartens' live records, a page at a time, resumably.

When the last page is there, kindergartens take part in the round like schools: their records are
compared, and each class is asked for its roster.
"""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import PreschoolRoll, Reply, RollPage
from contracts.errors import SystemFailure
from contracts.events import Stage
from contracts.records import PreschoolRecord
from gateway.calls.exchange import Call, Calls
from gateway.clock import Clock
from gateway.database import Database
from gateway.leases import Lease, finish, lease, postpone
from gateway.sealing import Sealer
from gateway.verification.periodic.round import Round, load_round, take_part
from gateway.verification.periodic.rules import RoundState
from gateway.verification.periodic.starting import ROLL
from gateway.verification.periodic.subjects import Origin, Subjects, Told, let_go
from gateway.verification.periodic.sweeps import Sweeps
from gateway.verification.periodic.tables import periodic_rolls, round_subjects

SYSTEM = "preschool"
PAGE = 500
LEASE_SECONDS = 120.0
_LATER = timedelta(minutes=1)
_CLASS = "班级编码"  # the column of the register's workbook

_rolls = periodic_rolls.c
Learn = Callable[[AbstractSet[str]], Awaitable[None]]
Areas = Callable[[AsyncConnection, AbstractSet[str]], Awaitable[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Kindergartens:
    """Reads rolls; `learn` asks whose county each kindergarten is, `areas` says what is known."""

    database: Database
    sealer: Sealer = field(repr=False)
    clock: Clock
    calls: Calls
    register: PreschoolRoll
    learn: Learn
    areas: Areas
    subjects: Subjects
    sweeps: Sweeps

    async def step(self) -> int:
        """Read one page of one round's roll; 0 where none waits or nobody can be asked."""
        asked = await self._ask()
        if asked is None:
            return 0
        leases, begun, calls = asked
        (answer,) = await self.calls.send(calls)
        learnt = await self._learn(answer)
        async with self.database.transaction() as connection:
            await self.calls.answered(connection, calls, [answer])
            now = self.clock.now()
            if isinstance(answer, SystemFailure) or not learnt:
                await postpone(connection, leases, now + _LATER)
                return 0
            if await self._keep(connection, begun, answer.value, now):
                await postpone(connection, leases, now, attempted=False)
            else:
                await finish(connection, leases)
        return 1

    async def _ask(self) -> tuple[list[Lease], Round, list[Call[RollPage]]] | None:
        async with self.database.transaction() as connection:
            now = self.clock.now()
            leases = await lease(connection, ROLL, 1, now, LEASE_SECONDS)
            if not leases:
                return None
            begun = await load_round(connection, leases[0].subject_id)
            if begun is None or begun.state is not RoundState.RUNNING:
                await finish(connection, leases)
                return None
            lane = await self.calls.lane(connection, SYSTEM)
            if not lane.lets_through(now):
                await postpone(connection, leases, now + _LATER, attempted=False)
                return None
            after = await _after(connection, begun.round_id)
            return leases, begun, await self.calls.asked(connection, [self._call(begun, after)])

    def _call(self, begun: Round, after: str) -> Call[RollPage]:
        trace_id = begun.trace_id

        async def send() -> Reply[RollPage]:
            return await self.register.roll(begun.reach, after, PAGE, trace_id=trace_id)

        return Call(SYSTEM, "roll", send, (), trace_id, case=begun.case)

    async def _learn(self, answer: Reply[RollPage] | SystemFailure) -> bool:
        """Whether every kindergarten's county could be asked for."""
        if isinstance(answer, SystemFailure):
            return False
        try:
            await self.learn({record.institution for record in answer.value.records})
        except SystemFailure:
            return False
        return True

    async def _keep(
        self, connection: AsyncConnection, begun: Round, page: RollPage, now: datetime
    ) -> bool:
        """Whether there is more behind this page; the round is locked until it is kept."""
        current = await load_round(connection, begun.round_id, lock=True)
        if current is None or current.state is not RoundState.RUNNING:
            return False
        areas = await self.areas(connection, {record.institution for record in page.records})
        told = [self._told(begun, record, areas[record.institution]) for record in page.records]
        told = [one for one in told if one.area.startswith(begun.reach)]
        await self.subjects.keep(connection, told, now)
        reached: dict[str, object] = {"records": _rolls.records + len(told)}
        if page.records:
            reached["after"] = page.records[-1].record_id
        if not page.more:
            reached["finished_at"] = now
        mine = _rolls.round_id == begun.round_id
        await connection.execute(update(periodic_rolls).where(mine).values(reached))
        if not page.more:
            await self._take_part(connection, begun, now)
        return page.more

    def _told(self, begun: Round, record: PreschoolRecord, area: str) -> Told:
        return Told(
            subject_id=self.sealer.index("preschool record", record.record_id),
            origin=Origin.REGISTER,
            round_id=begun.round_id,
            school=record.institution,
            area=area,
            class_name=record.child.extension.get(_CLASS, "")[:64],
            identity=record.child.identity,
        )

    async def _take_part(self, connection: AsyncConnection, begun: Round, now: datetime) -> None:
        await let_go(connection, begun.round_id, begun.reach, now)
        kindergartens = await _kindergartens(connection, begun)
        await take_part(connection, begun, kindergartens)
        areas = sorted({row.area for row in kindergartens})
        await self.sweeps.open(connection, begun, Stage.PRESCHOOL, areas, now)


async def _after(connection: AsyncConnection, round_id: str) -> str:
    query = select(_rolls.after).where(_rolls.round_id == round_id)
    return str((await connection.execute(query)).scalar_one())


async def _kindergartens(
    connection: AsyncConnection, begun: Round
) -> Sequence[Row[tuple[Any, ...]]]:
    columns = round_subjects.c
    mine = (columns.round_id == begun.round_id) & (columns.origin == Origin.REGISTER.value)
    query = select(columns.school, columns.area, func.count().label("records")).where(mine)
    return (await connection.execute(query.group_by(columns.school, columns.area))).all()
