"""The worker's lanes: the intake's four steps, and the chores that come round again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Change, Changes, Reply
from contracts.records import PreschoolRecord, PrimaryRecord
from gateway.collecting.feeds import Apply, Feed
from gateway.feed.publisher import PUBLISH, anything_waits
from gateway.feed.snapshots.asking import TAKE
from gateway.intake.steps.asking import PRESCHOOL, STUDENT_STATUS
from gateway.intake.steps.carrying import CARRY, Carrying
from gateway.intake.steps.deadlines import Deadlines
from gateway.intake.steps.deciding import Deciding
from gateway.intake.steps.looking import DECIDE, LOOK, Looking
from gateway.intake.steps.reloading import Reloading
from gateway.intake.steps.reversing import REVERSE, Reversing
from gateway.intake.steps.waking import Waking
from gateway.upkeep import Chore
from gateway.wiring.batches import wire_batch_lanes, wire_destroying
from gateway.wiring.enrolment_queries import wire_enrolment_chores, wire_learning
from gateway.wiring.ground import Ground
from gateway.wiring.problems import wire_problem_chores, wire_problem_lanes
from gateway.wiring.publishing import wire_publisher
from gateway.wiring.pushing import look_for_deliveries
from gateway.wiring.snapshots import wire_taking
from gateway.wiring.systems import Systems, wire_registers
from gateway.wiring.verification import wire_asking, wire_forgetting, wire_requesting
from gateway.worker import Lane, Worker

R = TypeVar("R")
_NO_LANES: Mapping[str, Lane] = MappingProxyType({})


class Read(Protocol[R]):
    """How an adapter reads its change feed."""

    async def __call__(self, after: int, limit: int, *, trace_id: str) -> Reply[Changes[R]]:
        """The changes after a version."""


def wire_worker(
    ground: Ground, systems: Systems, further: Mapping[str, Lane] = _NO_LANES
) -> Worker:
    """The worker with its lanes, and with `further` ones that somebody else opened."""
    lanes = {
        # Whoever waits at a desk goes before children in their hundreds.
        **wire_asking(ground, systems, interactive=True),
        "look": Lane((LOOK,), _looking(ground, systems).step),
        **wire_asking(ground, systems, interactive=False),
        "decide": Lane((DECIDE,), _deciding(ground).step),
        "carry": Lane((CARRY,), _carrying(ground, systems).step, at_once=2),
        "reverse": Lane((REVERSE,), _reversing(ground, systems).step),
        **wire_problem_lanes(ground),
        **wire_batch_lanes(ground, systems),
        "snapshots": Lane((TAKE,), wire_taking(ground).step),
        "publish": Lane((PUBLISH,), wire_publisher(ground).step, waits=anything_waits),
    }
    lanes |= further
    for chore in wire_chores(ground, systems):
        lanes[chore.kind] = Lane((chore.kind,), chore.step)
    return Worker(ground.database, ground.clock, lanes, ground.wakeups)


def wire_chores(ground: Ground, systems: Systems) -> list[Chore]:
    """Feeds, deadlines, crosswalks, open calls, and the log's numbering."""
    preschool, students = _feeds(ground, systems)
    reloading = Reloading(ground.database, ground.clock, ground.crosswalks)
    every = ground.settings.collect_seconds
    chores: dict[str, tuple[float, Callable[[], Awaitable[object]]]] = {
        "collect_preschool": (every, preschool.collect),
        "collect_students": (every, students.collect),
        "deadlines": (3600.0, _deadlines(ground).check),
        "crosswalks": (60.0, reloading.check),
        "open_calls": (30.0, partial(close_open_calls, ground)),
        "forgetting": (3600.0, wire_forgetting(ground).run),
        "destroying": (3600.0, wire_destroying(ground).run),
        "forget_snapshots": (3600.0, wire_taking(ground).forget),
        "number_log": (1.0, partial(number_log, ground)),
        "deliveries": (5.0, partial(look_for_deliveries, ground)),
    }
    own = [
        Chore(kind, seconds, run, ground.database, ground.clock)
        for kind, (seconds, run) in chores.items()
    ]
    return own + wire_problem_chores(ground, systems) + wire_enrolment_chores(ground)


async def schedule_chores(ground: Ground, systems: Systems) -> None:
    """Have every chore run soon, in a store that may be new."""
    async with ground.database.transaction() as connection:
        for chore in wire_chores(ground, systems):
            await chore.schedule(connection)


async def number_log(ground: Ground) -> None:
    """Number every entry committed so far."""
    while True:
        async with ground.database.transaction() as connection:
            if not await ground.log.number(connection):
                return


async def close_open_calls(ground: Ground) -> None:
    """Record every question without an answer whose deadline has passed as unknown."""
    async with ground.database.transaction() as connection:
        await ground.calls.close_open(connection)


def _looking(ground: Ground, systems: Systems) -> Looking:
    return Looking(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        registers=wire_registers(ground, systems),
        people=ground.people,
        verifying=wire_requesting(ground, systems),
        patience_seconds=ground.settings.verification.patience_seconds,
    )


def _deciding(ground: Ground) -> Deciding:
    return Deciding(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        crosswalks=ground.crosswalks,
        moves=ground.moves,
        windows=ground.windows,
        automatic_acceptance=ground.settings.intake.automatic_acceptance,
    )


def _carrying(ground: Ground, systems: Systems) -> Carrying:
    return Carrying(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        calls=ground.calls,
        moves=ground.moves,
        desk=systems.student_status,
        advancement=systems.preschool,
    )


def _reversing(ground: Ground, systems: Systems) -> Reversing:
    return Reversing(
        database=ground.database,
        sealer=ground.sealer,
        clock=ground.clock,
        calls=ground.calls,
        moves=ground.moves,
        desk=systems.student_status,
        advancement=systems.preschool,
    )


def _deadlines(ground: Ground) -> Deadlines:
    reporting = ground.settings.intake.reporting_deadline
    return Deadlines(ground.database, ground.sealer, ground.clock, ground.moves, reporting)


def _feeds(ground: Ground, systems: Systems) -> tuple[Feed[PreschoolRecord], Feed[PrimaryRecord]]:
    waking = Waking(ground.sealer, ground.clock, ground.people, ground.moves)
    learning, kindergartens = wire_learning(ground), systems.preschool
    apply = _in_turn(waking.preschool, learning.preschool)
    preschool = _feed(ground, PRESCHOOL, kindergartens.preschool_changes, apply)
    register = systems.student_status
    followed = _in_turn(waking.students, learning.students)
    students = _feed(ground, STUDENT_STATUS, register.student_changes, followed)
    return preschool, students


def _in_turn(first: Apply[R], second: Apply[R]) -> Apply[R]:
    async def both(connection: AsyncConnection, changes: Sequence[Change[R]]) -> None:
        await first(connection, changes)
        await second(connection, changes)

    return both


def _feed(ground: Ground, system: str, read: Read[R], apply: Apply[R]) -> Feed[R]:
    async def page(after: int, limit: int, trace_id: str) -> Reply[Changes[R]]:
        return await read(after, limit, trace_id=trace_id)

    return Feed(
        system=system,
        read=page,
        apply=apply,
        database=ground.database,
        sealer=ground.sealer,
        identifiers=ground.identifiers,
        clock=ground.clock,
        calls=ground.calls,
    )
