"""A process that dies while a batch is asked about loses the answers in flight and nothing else."""

import asyncio

from adapters.population.nciic.contract import CHECK
from gateway.verification.batches.asking import DEPTH, SIDE_BY_SIDE
from gateway.wiring.batches import wire_batch_lanes
from tests.intake.village import Village
from tests.verification.batches.conftest import Office, Opened
from tests.verification.batches.town import residents, settle

AT_ONCE = 16  # as the settings have it
WAVE = AT_ONCE // SIDE_BY_SIDE * DEPTH
ROWS_A_CALL = 5


async def test_rows_with_an_answer_are_never_asked_again_and_those_in_flight_once_more(
    opened_on_each_engine: Opened, village: Village
) -> None:
    people = residents(1, 2 * WAVE * ROWS_A_CALL)
    settle(village, people)
    office = await opened_on_each_engine(village)
    await office.stage.set_fault(
        "population", {"kind": "slow", "operation": CHECK, "nth": WAVE + 1, "seconds": 1.5}
    )
    batch_id = await office.accepted([one.row() for one in people])
    await _die_in_the_second_wave(office)
    before = await office.view(batch_id)
    assert before["pending"] == WAVE * ROWS_A_CALL
    await office.stage.work()  # the dead process still holds its chunk
    assert (await office.view(batch_id))["pending"] == before["pending"]
    office.stage.clock.advance(240)
    await office.stage.work()
    assert await office.counts(batch_id) == {"MATCH": len(people)}
    asked = await office.asked()
    first = [one.number for one in people[: WAVE * ROWS_A_CALL]]
    assert {asked[number] for number in first} == {1}
    assert max(asked.values()) == 2
    await _every_question_has_its_outcome(office)


async def _die_in_the_second_wave(office: Office) -> None:
    """Let a worker ask until the register takes its time, and end it there and then."""
    (lane,) = wire_batch_lanes(office.stage.ground, office.stage.systems).values()
    dying = asyncio.create_task(lane.step())
    while len(await office.stage.requests("population", CHECK)) <= WAVE:
        await asyncio.sleep(0.02)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


async def _every_question_has_its_outcome(office: Office) -> None:
    entries = await office.stage.entries()
    asked = {e["object"] for e in entries if e["action"] == "register.asked"}
    answered = {e["object"]: e["outcome"] for e in entries if e["action"] == "register.answered"}
    assert asked == set(answered)
    assert list(answered.values()).count("unknown") == WAVE
