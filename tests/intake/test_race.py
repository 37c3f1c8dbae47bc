"""Two schools claim one child at once: exactly one carries it, whichever process is faster."""

import asyncio

from sqlalchemy import select

from gateway.access.vocabulary import Role
from gateway.database import open_database
from gateway.intake.claiming import claim, claimed_elsewhere
from gateway.intake.handover import add
from gateway.intake.tables import handovers
from gateway.wiring.ground import open_ground
from gateway.wiring.systems import open_systems
from gateway.wiring.work import wire_worker
from tests.intake.conftest import Staged
from tests.intake.lone import handover
from tests.intake.stage import Stage
from tests.intake.village import RIVAL, SCHOOL, Village

CHILDREN = 12


async def test_of_two_schools_and_two_processes_exactly_one_carries_each_child(
    staged_on_each_engine: Staged, village: Village
) -> None:
    children = [village.child(serial) for serial in range(1, CHILDREN + 1)]
    stage = await staged_on_each_engine(village, automatic_acceptance=True)
    rows = [child.row() for child in children]
    await stage.submit(rows[: CHILDREN // 2] + rows[CHILDREN // 2 :][::-1], SCHOOL)
    await stage.submit(rows[::-1], RIVAL)
    async with (
        open_ground(stage.ground.settings, stage.clock) as ground,
        open_systems(ground) as systems,
    ):
        other = wire_worker(ground, systems)
        await asyncio.gather(stage.work(), other.step())
        await stage.work()
    here, there = await stage.situations(), await stage.situations(RIVAL)
    for child in children:
        pair = sorted((here[str(child.serial)], there[str(child.serial)]))
        assert pair == ["carried", "held:claimed_elsewhere"]
    await assert_carried_once(stage, {child.number for child in children})


async def assert_carried_once(stage: Stage, numbers: set[str]) -> None:
    """Each number has one primary record, one request that made it, and one closed record."""
    created = await stage.records("student_status")
    assert sorted(record["学籍号"] for record in created) == sorted(numbers)
    assert len(await stage.requests("student_status", "create")) == len(numbers)
    schools = {record["学籍号"]: record["学校标识码"] for record in created}
    closed = {r["学籍号"]: r["升入学校标识码"] for r in await stage.records("preschool")}
    assert closed == schools


async def test_the_first_to_report_keeps_a_child_even_before_it_is_carried(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged_on_each_engine(village)
    await stage.submit([child.row()])
    await stage.work()
    await stage.submit([child.row(学籍号=child.number, 身份证件号="", 身份证件类型="其他")], RIVAL)
    await stage.work()
    assert await stage.situations() == {"1": "offered"}
    assert await stage.situations(RIVAL) == {"1": "held:claimed_elsewhere"}
    assert (await stage.handover("1", RIVAL)).owner.startswith("county:")


async def test_a_child_that_has_not_reported_claims_nothing(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row(是否报到="否")])
    await stage.submit([child.row()], RIVAL)
    await stage.work()
    assert await stage.situations() == {"1": "listed"}
    assert await stage.situations(RIVAL) == {"1": "offered"}


async def test_two_open_transactions_never_both_hold_a_claim(migrated_url: str) -> None:
    one, other = open_database(migrated_url), open_database(migrated_url)
    mine, theirs = handover(), handover(handover_id="h2", key_id="h2", school=RIVAL)
    async with one.transaction() as connection:
        await add(connection, [mine, theirs])

    async def claim_theirs() -> None:
        async with other.transaction() as connection:
            await claim(connection, [(theirs, ["b", "c"])])

    async with one.transaction() as connection:
        await claim(connection, [(mine, ["b", "a"])])
        await connection.execute(select(handovers.c.handover_id))  # what waits is written with it
        waiting = asyncio.create_task(claim_theirs())
        await asyncio.sleep(0.05)
        assert not waiting.done()
    await waiting
    async with one.reading() as connection:
        wanted = {"h1": (SCHOOL, frozenset("ab")), "h2": (RIVAL, frozenset("bc"))}
        assert await claimed_elsewhere(connection, wanted) == {"h2"}
    await one.close()
    await other.close()


async def test_leader_and_county_act_at_once_and_one_of_them_is_told_so(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged_on_each_engine(village)
    await stage.submit([child.row()], RIVAL)
    await stage.work()
    await stage.submit([child.row()])
    await stage.work()
    theirs = f"/v1/handovers/{(await stage.handover('1', RIVAL)).handover_id}"
    ours = f"/v1/handovers/{(await stage.handover('1')).handover_id}"
    rival = {"institution": RIVAL}
    etag = (await stage.ask("GET", theirs, Role.CLERK, **rival)).headers["ETag"]
    await stage.ask("POST", f"{theirs}/proposal", Role.CLERK, if_match=etag, **rival)
    answers = await asyncio.gather(
        stage.ask("POST", f"{theirs}/confirmation", Role.LEADER, if_match=etag, **rival),
        stage.ask("POST", f"{ours}/decision", Role.COUNTY, json={"decision": "award"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    await stage.work()
    ends = {(await stage.situations())["1"], (await stage.situations(RIVAL))["1"]}
    assert ends in ({"held:claimed_elsewhere", "carried"}, {"held:claimed_elsewhere", "offered"})
