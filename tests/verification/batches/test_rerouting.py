"""A batch outlives the configuration of its register."""

import pytest

from gateway.leases import work
from gateway.verification.batches.tables import verification_batches
from gateway.verification.batches.turns import batch_kind
from gateway.wiring.verification import reroute_stranded
from tests.intake.village import Village
from tests.verification.batches.conftest import Office, Opened
from tests.verification.batches.town import residents, settle

GONE = "population_gone"


async def strand(office: Office) -> None:
    """Have every batch wait for a register that is not configured."""
    async with office.stage.ground.database.transaction() as connection:
        await connection.execute(verification_batches.update().values(system=GONE))
        mine = work.update().where(work.c.kind == batch_kind("population"))
        await connection.execute(mine.values(kind=batch_kind(GONE)))


@pytest.mark.parametrize(("answered", "left"), [(False, None), (True, 0)])
async def test_a_batch_can_be_read_while_its_register_is_not_configured(
    opened: Opened, village: Village, answered: bool, left: int | None
) -> None:
    people = residents(1, 3)
    settle(village, people)
    office = await opened(village)
    batch_id = await office.accepted([one.row() for one in people])
    if answered:
        await office.stage.work()
    await strand(office)
    view = await office.view(batch_id)
    assert (view["system"], view["state"]) == (GONE, "done" if answered else "open")
    assert (view["pending"], view["calls_left"]) == (0 if answered else 3, left)
    assert view["estimated_end"] is None


@pytest.mark.parametrize("paused", [False, True])
async def test_a_batch_whose_register_is_configured_no_more_is_asked_elsewhere(
    opened_on_each_engine: Opened, village: Village, paused: bool
) -> None:
    people = residents(1, 3)
    settle(village, people)
    office = await opened_on_each_engine(village)
    batch_id = await office.accepted([one.row() for one in people])
    if paused:
        await office.steer(batch_id, "pause")
    await strand(office)
    await office.stage.work()
    assert not await office.asked()
    await reroute_stranded(office.stage.ground, office.stage.systems)
    if paused:
        await office.stage.work()
        assert (await office.view(batch_id))["pending"] == 3  # it waits for whoever paused it
        await office.steer(batch_id, "resume")
    await office.stage.work()
    assert await office.counts(batch_id) == {"MATCH": 3}
