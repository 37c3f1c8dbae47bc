"""Single stories of registers that fail: what the clerk sees meanwhile, and what was asked."""

from typing import Any

import pytest
from sqlalchemy import select

from gateway.intake.doors.reading import find_intake, summarise
from gateway.intake.tables import intakes
from gateway.wiring.ground import Ground
from gateway.wiring.work import wire_worker
from tests.crash.installation import Installation
from tests.crash.invariants import rows
from tests.crash.village import Listed
from tests.faults.lying import crossing
from tests.faults.trial import BEYOND_A_RECHECK, BEYOND_PATIENCE, check_registers, check_rows
from tests.intake.village import person

WRITES = {"create": "student_status", "advance": "preschool"}
DELAY = {"seconds": 5.0}
QUERIES = {"preschool": "/v1/records/query", "student_status": "/v1/students/query"}
OTHERS_NUMBER = person(4).number


@pytest.mark.parametrize(("write", "system"), WRITES.items())
async def test_a_lost_answer_is_asked_after_and_not_sent_again(
    town: Installation, listed: Listed, write: str, system: str
) -> None:
    await town.arm(system, script=[{"kind": "lost_answer", "operation": write}])
    async with town.life() as ground:
        worker = wire_worker(ground, town.systems)
        await worker.step()
        unknown = [r for r in (await rows(ground)).values() if "outcome_unknown" in r.situation]
        assert len(unknown) == len(await _calls(town, system, write)) > 0
        town.clock.advance(BEYOND_PATIENCE)
        await worker.step()
        assert await rows(ground) == listed.expected
        sent = await _calls(town, system, write)
        assert len({call["request_id"] for call in sent}) == len(sent)
        asked_after = {call["request_id"] for call in await _calls(town, system, "lookup")}
        assert asked_after == {call["request_id"] for call in sent}
        await check_registers(town, ground)


@pytest.mark.parametrize("kind", ["hang", "reset", "nil"])
async def test_silent_police_keep_nobody_from_school(
    town: Installation, listed: Listed, kind: str
) -> None:
    await town.arm("population", script=[{"kind": kind} | (DELAY if kind == "hang" else {})])
    async with town.life() as ground:
        worker = wire_worker(ground, town.systems)
        await worker.step()
        carriable = [row for row, one in listed.expected.items() if one.situation == "carried"]
        found = await rows(ground)
        assert {"searching", "carried"} >= {found[row].situation for row in carriable}
        for _ in range(8):
            town.clock.advance(BEYOND_PATIENCE)
            await worker.step()
        found = await rows(ground)
        assert {key: row.situation for key, row in found.items()} == {
            key: row.situation for key, row in listed.expected.items()
        }
        assert {row.problems for row in found.values()} == {()}
        assert await _settled(ground)
        await town.arm("population")
        town.clock.advance(BEYOND_A_RECHECK)
        await worker.step()
        assert await rows(ground) == listed.expected


@pytest.mark.parametrize(("system", "path"), QUERIES.items())
async def test_answers_mixed_up_are_not_believed(
    town: Installation, listed: Listed, system: str, path: str
) -> None:
    door = town.doors[system]
    sound = door.app
    assert sound is not None
    door.app = crossing(sound, path)
    async with town.life() as ground:
        worker = wire_worker(ground, town.systems)
        for _ in range(6):
            await worker.step()
            town.clock.advance(BEYOND_A_RECHECK)
        check_rows(await rows(ground), listed.expected)
        door.app = sound
        await worker.step()
        town.clock.advance(BEYOND_A_RECHECK)
        await worker.step()
        assert await rows(ground) == listed.expected
        await check_registers(town, ground)


async def test_one_broken_record_keeps_its_own_child_waiting_and_nobody_else(
    town: Installation, listed: Listed
) -> None:
    """A cell is lost in the register: every answer in which that record stands is unreadable."""
    await town.change("student_status", {"学籍号": OTHERS_NUMBER}, {"审核状态": "?"})
    async with town.life() as ground:
        worker = wire_worker(ground, town.systems)
        for _ in range(8):
            await worker.step()
            town.clock.advance(BEYOND_A_RECHECK)
        found = await rows(ground)
        assert found.pop("4").situation == "searching"
        assert found == {row: one for row, one in listed.expected.items() if row != "4"}
        await town.change("student_status", {"学籍号": OTHERS_NUMBER}, {"审核状态": "待核准"})
        town.clock.advance(BEYOND_A_RECHECK)
        await worker.step()
        assert await rows(ground) == listed.expected


async def _calls(town: Installation, system: str, operation: str) -> list[dict[str, Any]]:
    return [call for call in await town.requests(system) if call["operation"] == operation]


async def _settled(ground: Ground) -> bool:
    async with ground.database.reading() as connection:
        intake_id = (await connection.execute(select(intakes.c.intake_id))).scalar_one()
        intake = await find_intake(connection, intake_id)
        assert intake is not None
        return (await summarise(connection, intake)).settled
