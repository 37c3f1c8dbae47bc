"""What change feeds do: numbers followed, waiting children woken, a lost feed read again."""

from gateway.access.vocabulary import Role
from gateway.collecting.tables import collected_changes, cursors
from tests.intake.conftest import Staged
from tests.intake.stage import Stage
from tests.intake.village import OTHER_COUNTY, Village

COLLECTED = 60.0


async def collect(stage: Stage) -> None:
    stage.clock.advance(COLLECTED)
    await stage.work()


async def resolve(stage: Stage, number: str, area: str = "999999") -> tuple[int, dict[str, object]]:
    asked = {"number": number}
    answer = await stage.ask("POST", "/v1/numbers/resolve", Role.COUNTY, json=asked, area=area)
    return answer.status_code, answer.json()


async def test_a_graduation_in_the_feed_releases_the_child_that_waited_for_it(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "held:not_graduated"}
    await stage.change("preschool", {"学籍号": child.number}, {"学籍状态": "毕业"})
    await collect(stage)
    assert await stage.situations() == {"1": "offered"}


async def test_a_temporary_number_made_formal_is_followed_from_either_name(
    staged: Staged, village: Village
) -> None:
    temporary = "L999999202001010007"
    child = village.child(1, "在园", 学籍号=temporary)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    await stage.change("preschool", {"学籍号": temporary}, {"学籍号": child.number})
    await collect(stage)
    for number in (temporary, child.number):
        status, chain = await resolve(stage, number)
        assert (status, chain["current"]) == (200, child.number)
    steps = [(step["kind"], step["reason"], step["decider"]) for step in chain["chain"]]
    assert steps == [("L", "first_read", "preschool"), ("G", "L_to_G", "preschool")]
    assert (await resolve(stage, child.number, area=OTHER_COUNTY))[0] == 404
    changed = [e for e in await stage.entries() if e["action"] == "number.changed"]
    assert [(e["outcome"], len(e["subjects"])) for e in changed] == [("L_to_G", 1)]


async def test_a_register_that_began_anew_is_read_from_its_beginning(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    async with stage.ground.database.transaction() as connection:
        far = cursors.insert().values(system="preschool", cursor=9000, read_at=stage.clock.now())
        await connection.execute(far)
    await stage.change("preschool", {"学籍号": child.number}, {"学籍状态": "毕业"})
    await collect(stage)
    await collect(stage)
    assert await stage.situations() == {"1": "offered"}


async def test_the_bytes_of_a_change_are_gone_once_it_is_applied(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stage = await staged(village)
    await stage.change("preschool", {"学籍号": child.number}, {"现住址": "虚构路2号"})
    await collect(stage)
    async with stage.ground.database.reading() as connection:
        kept = (await connection.execute(collected_changes.select())).one()
    assert (kept.sealed, kept.applied_at, len(kept.digest)) == (None, stage.clock.now(), 64)
