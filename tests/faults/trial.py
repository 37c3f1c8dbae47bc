"""One trial: registers under a fault for a while, then sound again, and what must hold of both."""

from collections.abc import Mapping

from gateway.evidence import Actor
from gateway.wiring.ground import Ground
from gateway.wiring.work import schedule_chores, wire_worker
from tests.crash.installation import ASKED, PATIENT_SECONDS, Installation
from tests.crash.invariants import (
    Row,
    check_creations,
    check_evidence,
    check_receipts,
    check_writes,
    lost_work,
    rows,
)
from tests.crash.village import Listed

WAITING = frozenset({"searching", "accepted", "held:outcome_unknown"})
BEYOND_PATIENCE = 40.0
BEYOND_A_RECHECK = 7 * 3600.0
OPERATOR = Actor(caller="test", user="operator", role="operator", institution="")

Plans = Mapping[str, Mapping[str, object]]


async def endure(town: Installation, listed: Listed, plans: Plans, rounds: int = 3) -> None:
    """Work under the plans, by register, and hold every child against the fault-free outcome."""
    await town.renew()
    for system, plan in plans.items():
        await town.arm(system, **plan)
    async with town.life() as ground:
        await schedule_chores(ground, town.systems)
        await _work(town, ground, rounds, BEYOND_PATIENCE)
        check_rows(await rows(ground), listed.expected)
        assert await lost_work(ground) == []
    for system in plans:
        await town.arm(system)
    async with town.life(PATIENT_SECONDS) as ground:
        await resume(ground)
        # A lane at rest lets one probe through before all: that takes a round of its own.
        await _work(town, ground, 2, BEYOND_PATIENCE)
        await _work(town, ground, 2, BEYOND_A_RECHECK)
        assert await rows(ground) == listed.expected
        await check_registers(town, ground)


def check_rows(found: Mapping[str, Row], expected: Mapping[str, Row]) -> None:
    """Whoever does not wait stands where it should; no problem record the police did not cause."""
    assert found.keys() == expected.keys()
    for row, child in found.items():
        promised = expected[row]
        assert child.situation in WAITING | {promised.situation}, row
        assert set(child.problems) <= set(promised.problems), row
        assert child.number in (None, promised.number), row
        assert child.grade in (None, promised.grade), row


async def check_registers(town: Installation, ground: Ground) -> None:
    """Both registers and the evidence agree with the store, and nothing was sent blindly."""
    assert await lost_work(ground) == []
    await check_evidence(ground)
    primary, preschool = await town.requests("student_status"), await town.requests("preschool")
    check_writes(primary, "create")
    check_writes(preschool, "advance")
    check_creations(primary)
    records = await town.records("preschool"), await town.records("student_status")
    await check_receipts(ground, town.systems, *records)


async def resume(ground: Ground) -> None:
    """An operator opens the lanes that a doubt about our entitlement stopped."""
    async with ground.database.transaction() as connection:
        for system in ASKED:
            await ground.calls.resume(connection, system, OPERATOR)


async def _work(town: Installation, ground: Ground, rounds: int, seconds: float) -> None:
    worker = wire_worker(ground, town.systems)
    for _ in range(rounds):
        await worker.step()
        town.clock.advance(seconds)
    await worker.step()
