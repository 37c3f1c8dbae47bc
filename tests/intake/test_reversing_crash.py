"""A process that dies while it undoes a passage, at every point: undone once, and wholly."""

from gateway.access.vocabulary import Role
from gateway.wiring.work import wire_worker
from tests.crash.fuse import Crash, Fuse, brittle
from tests.intake.conftest import Staged
from tests.intake.stage import Stage
from tests.intake.village import Village

AFTER_EVERY_LEASE = 600.0


async def test_a_passage_is_undone_once_wherever_the_process_dies(
    staged: Staged, village: Village
) -> None:
    points = 28
    children = [village.child(serial) for serial in range(1, points + 1)]
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row() for child in children])
    await stage.work()
    crashed = [await dies_at(stage, point) for point in range(1, points + 1)]
    assert sum(crashed) >= 12
    assert not crashed[-1]  # the last lives saw every point
    assert set((await stage.situations()).values()) == {"reversed"}
    assert await stage.records("student_status") == []
    assert {record["学籍状态"] for record in await stage.records("preschool")} == {"毕业"}
    for system, operation in (("student_status", "remove"), ("preschool", "undo")):
        assert len(await stage.requests(system, operation)) == points


async def dies_at(stage: Stage, point: int) -> bool:
    """Whether a process that undoes one child died at this point; another finishes its work."""
    handover = await stage.handover(str(point))
    path = f"/v1/handovers/{handover.handover_id}/reversal"
    begun = await stage.ask("POST", path, Role.LEADER, json={"reason": "误招"})
    assert begun.status_code == 202
    fuse = Fuse(point)
    worker = wire_worker(*brittle(stage.ground, stage.systems, fuse))
    try:
        await worker.step()
    except Crash:
        stage.clock.advance(AFTER_EVERY_LEASE)
    await stage.work()
    return fuse.burnt
