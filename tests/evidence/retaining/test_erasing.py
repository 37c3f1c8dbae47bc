"""Erasing a child asks the holds first, and takes along what entries say of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.auditing.trails import Named
from gateway.evidence import Action
from gateway.evidence.log import recompute
from gateway.evidence.retaining.holding import OnHold
from gateway.evidence.tables import entry_subjects
from gateway.feed.subscribing.erasure import Decided
from gateway.wiring.auditing import wire_keeping
from gateway.wiring.erasing import wire_erasure
from gateway.wiring.evidence import number_log
from tests.evidence.retaining.test_keeping import ORDER
from tests.intake.stage import Stage, open_stage
from tests.intake.village import Village


async def readable(stage: Stage) -> int:
    """How many particulars are left in the evidence."""
    query = select(func.count()).where(entry_subjects.c.sealed.is_not(None))
    async with stage.ground.database.reading() as connection:
        return await connection.scalar(query) or 0


async def test_a_child_is_erased_only_once_it_is_on_no_hold(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    village = Village()
    child = village.child(1)
    async with open_stage(migrated_sqlite_url, tmp_path, village) as stage:
        ground = stage.ground
        await stage.submit([child.row()])
        await stage.work()
        keeping, erasure = wire_keeping(ground), wire_erasure(ground)
        async with ground.database.reading() as connection:
            chain = await ground.people.resolve(connection, child.number)
        assert chain is not None
        decided = Decided(ORDER.actor, "li", "文号二")
        hold_id = await keeping.hold_child(Named(number=child.number), ORDER)
        with pytest.raises(OnHold):
            await erasure.erase(chain.person_id, decided)
        assert await readable(stage) > 0
        await number_log(ground)
        async with ground.database.reading() as connection:
            before = await recompute(connection)
        await keeping.release(hold_id, replace(ORDER, action=Action.HOLD_RELEASED))
        await erasure.erase(chain.person_id, decided)
        assert await readable(stage) == 0
        async with ground.database.reading() as connection:
            assert await recompute(connection) == before
