"""How collecting is wired: both registers' feeds, what they wake, teach and tell."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Change, Changes, Reply
from contracts.events import Stage
from contracts.records import PreschoolRecord, PreschoolStatus, PrimaryRecord
from gateway.collecting.children import Children
from gateway.collecting.feeds import Apply, Feed, Learn
from gateway.collecting.meaning import institutions_of
from gateway.collecting.parking import Parking
from gateway.collecting.registers import Register, preschool_facts, student_facts
from gateway.collecting.releasing import Releasing
from gateway.collecting.seen import Memory
from gateway.collecting.telling import Telling
from gateway.feed.recording import Recorder
from gateway.intake.steps.asking import PRESCHOOL, STUDENT_STATUS
from gateway.intake.steps.waking import Waking
from gateway.wiring.enrolment_queries import wire_learning
from gateway.wiring.ground import Ground
from gateway.wiring.systems import Systems, wire_registers

R = TypeVar("R")


class Read(Protocol[R]):
    """How an adapter reads its change feed."""

    async def __call__(self, after: int, limit: int, *, trace_id: str) -> Reply[Changes[R]]:
        """The changes after a version."""


def wire_feeds(
    ground: Ground, systems: Systems
) -> tuple[Feed[PreschoolRecord], Feed[PrimaryRecord]]:
    """Both registers' feeds: each change wakes who waits, is learnt from, and is told."""
    waking = Waking(ground.sealer, ground.clock, ground.people, ground.moves)
    learning = wire_learning(ground)
    kindergartens, pupils = _preschool(ground), _students(ground)
    preschool = _in_turn(waking.preschool, learning.preschool, _telling(ground, kindergartens))
    students = _in_turn(waking.students, learning.students, _telling(ground, pupils))
    return (
        _feed(
            ground,
            PRESCHOOL,
            systems.preschool.preschool_changes,
            preschool,
            _learning_places(ground, systems, kindergartens),
        ),
        _feed(
            ground,
            STUDENT_STATUS,
            systems.student_status.student_changes,
            students,
            _learning_places(ground, systems, pupils),
        ),
    )


def wire_releasing(ground: Ground) -> Releasing:
    """The chore that tells what was parked, once its code is decided about."""
    registers: Mapping[str, Register[Any]] = {
        register.system: register for register in (_preschool(ground), _students(ground))
    }
    return Releasing(
        database=ground.database,
        sealer=ground.sealer,
        crosswalks=ground.crosswalks,
        registers=registers,
        recorder=Recorder(ground.clock, ground.identifiers),
        parking=Parking(ground.clock, ground.identifiers),
    )


def _preschool(ground: Ground) -> Register[PreschoolRecord]:
    return Register(
        system=PRESCHOOL,
        stage=Stage.PRESCHOOL,
        facts=preschool_facts,
        mapping=lambda: ground.crosswalks.preschool_changes,
        statuses=lambda: [status.value for status in PreschoolStatus],
    )


def _students(ground: Ground) -> Register[PrimaryRecord]:
    return Register(
        system=STUDENT_STATUS,
        stage=Stage.PRIMARY,
        facts=student_facts,
        mapping=lambda: ground.crosswalks.student_changes,
        statuses=lambda: ground.crosswalks.student_status.statuses.keys(),
    )


def _telling(ground: Ground, register: Register[R]) -> Apply[R]:
    telling = Telling(
        register=register,
        sealer=ground.sealer,
        clock=ground.clock,
        children=Children(ground.sealer, ground.clock, ground.identifiers, ground.people),
        recorder=Recorder(ground.clock, ground.identifiers),
        parking=Parking(ground.clock, ground.identifiers),
        memory=Memory(register.system, ground.sealer),
    )
    return telling.record


def _learning_places(ground: Ground, systems: Systems, register: Register[R]) -> Learn[R]:
    """Ask the directories for the institutions a page names, so that each has its own county."""
    directories = wire_registers(ground, systems)

    async def learn(changes: Sequence[Change[R]]) -> None:
        kindergartens, schools = set[str](), set[str]()
        for change in changes:
            own, advanced_to = institutions_of(change, register.facts(change.record))
            (kindergartens if register.stage is Stage.PRESCHOOL else schools).update(own)
            schools.update(advanced_to)
        await directories.learn_places(schools, kindergartens)

    return learn


def _in_turn(*applying: Apply[R]) -> Apply[R]:
    async def apply(connection: AsyncConnection, changes: Sequence[Change[R]]) -> None:
        for each in applying:
            await each(connection, changes)

    return apply


def _feed(ground: Ground, system: str, read: Read[R], apply: Apply[R], learn: Learn[R]) -> Feed[R]:
    async def page(after: int, limit: int, trace_id: str) -> Reply[Changes[R]]:
        return await read(after, limit, trace_id=trace_id)

    return Feed(
        system=system,
        read=page,
        apply=apply,
        learn=learn,
        database=ground.database,
        sealer=ground.sealer,
        identifiers=ground.identifiers,
        clock=ground.clock,
        calls=ground.calls,
    )
