"""The worker's lanes: the intake's four steps, and the chores that come round again."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType

from gateway.feed.publisher import PUBLISH, anything_waits
from gateway.feed.snapshots.asking import TAKE
from gateway.intake.steps.carrying import CARRY, Carrying
from gateway.intake.steps.deadlines import Deadlines
from gateway.intake.steps.deciding import Deciding
from gateway.intake.steps.looking import DECIDE, LOOK, Looking
from gateway.intake.steps.reloading import Reloading
from gateway.intake.steps.reversing import REVERSE, Reversing
from gateway.upkeep import Chore
from gateway.wiring.auditing import wire_auditing_chores
from gateway.wiring.batches import wire_batch_lanes, wire_destroying
from gateway.wiring.collecting import wire_feeds, wire_releasing
from gateway.wiring.enrolment_queries import wire_enrolment_chores
from gateway.wiring.evidence import wire_evidence_chores
from gateway.wiring.ground import Ground
from gateway.wiring.looks import wire_look_chores
from gateway.wiring.notices import wire_notice_chores
from gateway.wiring.periodic import wire_periodic_chores, wire_periodic_lanes
from gateway.wiring.problems import wire_problem_chores, wire_problem_lanes
from gateway.wiring.publishing import wire_publisher, wire_retention
from gateway.wiring.pushing import look_for_deliveries
from gateway.wiring.silence import wire_watching
from gateway.wiring.snapshots import wire_taking
from gateway.wiring.systems import Systems, wire_registers
from gateway.wiring.verification import wire_asking, wire_forgetting, wire_requesting
from gateway.worker import Lane, Worker

_NO_LANES: Mapping[str, Lane] = MappingProxyType({})


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
        **wire_periodic_lanes(ground, systems),
        **wire_batch_lanes(ground, systems),
        "snapshots": Lane((TAKE,), wire_taking(ground).step),
        "publish": Lane((PUBLISH,), wire_publisher(ground).step, waits=anything_waits),
    }
    lanes |= further
    for chore in wire_chores(ground, systems):
        lanes[chore.kind] = Lane((chore.kind,), chore.step)
    return Worker(ground.database, ground.clock, lanes, ground.wakeups)


def wire_chores(ground: Ground, systems: Systems) -> list[Chore]:
    """Feeds, deadlines, crosswalks, open calls, and the log."""
    preschool, students = wire_feeds(ground, systems)
    reloading = Reloading(ground.database, ground.clock, ground.crosswalks)
    every = ground.settings.collect_seconds
    chores: dict[str, tuple[float, Callable[[], Awaitable[object]]]] = {
        "collect_preschool": (every, preschool.collect),
        "collect_students": (every, students.collect),
        "parked_changes": (60.0, wire_releasing(ground).check),
        "deadlines": (3600.0, _deadlines(ground).check),
        "crosswalks": (60.0, reloading.check),
        "open_calls": (30.0, partial(close_open_calls, ground)),
        "forgetting": (3600.0, wire_forgetting(ground).run),
        "destroying": (3600.0, wire_destroying(ground).run),
        "trim_streams": (86_400.0, wire_retention(ground).run),
        "forget_snapshots": (3600.0, wire_taking(ground).forget),
        "deliveries": (5.0, partial(look_for_deliveries, ground)),
    }
    own = [
        Chore(kind, seconds, run, ground.database, ground.clock)
        for kind, (seconds, run) in chores.items()
    ]
    own += [wire_watching(ground)]
    return (
        own
        + wire_problem_chores(ground, systems)
        + wire_periodic_chores(ground)
        + wire_notice_chores(ground)
        + wire_enrolment_chores(ground)
        + wire_look_chores(ground)
        + wire_evidence_chores(ground)
        + wire_auditing_chores(ground)
    )


async def schedule_chores(ground: Ground, systems: Systems) -> None:
    """Have every chore run soon, in a store that may be new."""
    async with ground.database.transaction() as connection:
        for chore in wire_chores(ground, systems):
            await chore.schedule(connection)


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
