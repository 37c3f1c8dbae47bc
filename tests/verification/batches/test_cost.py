"""What was won must not be lost: a row costs a fraction of a statement."""

from typing import Any

from sqlalchemy import event

from gateway.wiring.batches import wire_batch_lanes
from tests.intake.village import Village
from tests.verification.batches.conftest import Opened
from tests.verification.batches.town import residents, settle

STATEMENTS_A_ROW = 0.2  # found: 0.11


async def test_a_row_costs_a_fraction_of_a_statement(opened: Opened, village: Village) -> None:
    people = residents(1, 500)
    settle(village, people)
    office = await opened(village)
    batch_id = await office.accepted([one.row() for one in people])
    (lane,) = wire_batch_lanes(office.stage.ground, office.stage.systems).values()
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    engine = office.stage.ground.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    while await lane.step():
        pass
    event.remove(engine, "before_cursor_execute", count)
    assert await office.counts(batch_id) == {"MATCH": 500}
    assert statements <= STATEMENTS_A_ROW * len(people), statements
