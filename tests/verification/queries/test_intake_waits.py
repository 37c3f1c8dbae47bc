"""A child waits for the police only where nothing but the police can be in its way."""

from pathlib import Path

from gateway.evidence import Actor
from tests.intake.stage import open_stage
from tests.intake.village import Village, person


async def test_holds_that_need_no_verdict_are_told_at_once(
    migrated_sqlite_url: str, tmp_path: Path
):
    village = Village()
    rows = [
        village.child(1).row(),
        village.child(2, status="在园").row(),
        person(3).row(),
    ]
    async with open_stage(migrated_sqlite_url, tmp_path, village) as stage:
        ground = stage.ground
        async with ground.database.transaction() as connection:
            operator = Actor("operator", "operator", "operator", "")
            await ground.calls.stop(connection, "population", operator, "a test")
        await stage.submit(rows)
        await stage.work()
        waiting = {"1": "searching", "2": "held:not_graduated", "3": "create_new"}
        assert await stage.situations() == waiting
        stage.clock.advance(ground.settings.verification.patience_seconds)
        await stage.work()
        assert (await stage.situations())["1"] == "offered"
