"""A lane that a doubt about our entitlement stopped: told once, opened by an operator."""

import json

from sqlalchemy import select

from gateway.evidence.tables import entries
from gateway.wiring.ground import Ground
from gateway.wiring.work import wire_worker
from tests.crash.installation import Installation
from tests.crash.invariants import rows
from tests.crash.village import Listed
from tests.faults.trial import BEYOND_PATIENCE, resume


async def test_a_doubt_about_our_entitlement_is_told_once_and_waits_for_an_operator(
    town: Installation, listed: Listed
) -> None:
    await town.arm("student_status", script=[{"kind": "forbidden", "nth": 1}])
    async with town.life() as ground:
        worker = wire_worker(ground, town.systems)
        for _ in range(4):
            await worker.step()
            town.clock.advance(20 * BEYOND_PATIENCE)
        asked = len(await town.requests("student_status"))
        assert {"searching"} <= {row.situation for row in (await rows(ground)).values()}
        assert await _told(ground) == ["lane.stopped"]
        await resume(ground)
        await worker.step()
        assert len(await town.requests("student_status")) > asked == 1
        assert await rows(ground) == listed.expected
        assert await _told(ground) == ["lane.stopped", "lane.resumed"]


async def _told(ground: Ground) -> list[str]:
    async with ground.database.reading() as connection:
        written = select(entries.c.canonical).order_by(entries.c.entry_id)
        log = (await connection.execute(written)).scalars().all()
    actions = [json.loads(entry[1:])["action"] for entry in log]
    return [action for action in actions if action.startswith("lane.")]
