"""A process that dies while a batch is asked about loses the answers in flight and nothing else."""

import asyncio

from adapters.population.nciic.contract import CHECK
from gateway.wiring.batches import wire_batch_lanes
from tests.intake.village import Village
from tests.verification.batches.conftest import Office, Opened
from tests.verification.batches.town import residents, settle

SLOW_CALL = 50  # beyond the first wave, whatever its size


async def test_rows_with_an_answer_are_never_asked_again_and_those_in_flight_once_more(
    opened_on_each_engine: Opened, village: Village
) -> None:
    people = residents(1, 450)
    settle(village, people)
    office = await opened_on_each_engine(village)
    slow = {"kind": "slow", "operation": CHECK, "nth": SLOW_CALL, "seconds": 1.5}
    await office.stage.set_fault("population", slow)
    batch_id = await office.accepted([one.row() for one in people])
    await _die_at_the_slow_call(office)
    rows = await office.rows(batch_id)
    answered = {people[row["ordinal"] - 1].number for row in rows if row["outcome"]}
    assert 0 < len(answered) < len(people)
    await office.stage.work()  # the dead process still holds its chunk
    assert await office.rows(batch_id) == rows
    office.stage.clock.advance(240)
    await office.stage.work()
    assert await office.counts(batch_id) == {"MATCH": len(people)}
    asked = await office.asked()
    assert {asked[number] for number in answered} == {1}
    assert max(asked.values()) == 2
    await _every_question_has_its_outcome(office)


async def _die_at_the_slow_call(office: Office) -> None:
    """Let a worker ask until the register takes its time, and end it there and then."""
    (lane,) = wire_batch_lanes(office.stage.ground, office.stage.systems).values()
    dying = asyncio.create_task(lane.step())
    while len(await office.stage.requests("population", CHECK)) < SLOW_CALL:
        await asyncio.sleep(0.02)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


async def _every_question_has_its_outcome(office: Office) -> None:
    entries = await office.stage.entries()
    asked = {e["object"] for e in entries if e["action"] == "register.asked"}
    answered = [e["object"] for e in entries if e["action"] == "register.answered"]
    outcomes = {e["outcome"] for e in entries if e["action"] == "register.answered"}
    assert (asked, len(answered)) == (set(answered), len(asked))
    assert outcomes == {"answered", "unknown"}
