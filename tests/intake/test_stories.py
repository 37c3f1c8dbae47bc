"""Whole stories through the worker: what a list comes to, over real sockets, on each engine."""

from gateway.access.vocabulary import Role
from tests.intake.conftest import Staged
from tests.intake.village import ELSEWHERE, Village, person

BY_STATUS = {
    "毕业": "offered",
    "离园": "offered",
    "在园": "held:not_graduated",
    "缓学留园": "held:deferred",
    "转园中": "held:in_transfer",
    "待核准": "held:preschool_pending",
    "问题学籍": "held:preschool_pending",
    "注销": "held:preschool_cancelled",
}


async def test_each_preschool_status_leads_where_the_design_says(
    staged_on_each_engine: Staged, village: Village
) -> None:
    children = [village.child(i, status) for i, status in enumerate(BY_STATUS, 1)]
    stage = await staged_on_each_engine(village)
    await stage.submit([child.row() for child in children])
    await stage.work()
    assert list((await stage.situations()).values()) == list(BY_STATUS.values())


async def test_automatic_acceptance_carries_an_exact_match_to_both_registers(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged_on_each_engine(village, automatic_acceptance=True)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    (closed,) = await stage.records("preschool")
    (created,) = await stage.records("student_status")
    assert (closed["学籍状态"], created["学籍号"]) == ("升学", child.number)


async def test_a_child_nobody_knows_is_to_be_created(staged: Staged, village: Village) -> None:
    stranger = person(7)
    stage = await staged(village)
    await stage.submit([stranger.row()])
    await stage.work()
    assert await stage.situations() == {"7": "create_new"}


async def test_a_child_enrolled_elsewhere_is_a_case_for_a_transfer(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.pupil(child, ELSEWHERE)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "held:already_enrolled"}


async def test_a_child_not_found_is_found_once_its_kindergarten_has_put_it_right(
    staged: Staged, village: Village
) -> None:
    child = person(1)
    village.record(child, 身份证号码=person(2).document, 姓名="误写")
    village.known(child)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "create_new"}
    corrected = {"身份证号码": child.document, "姓名": child.name}
    await stage.change("preschool", {"姓名": "误写"}, corrected)
    stage.clock.advance(60)
    await stage.work()
    assert await stage.situations() == {"1": "offered"}


async def test_an_offer_ends_when_another_school_enrols_the_child(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.pupil(child, ELSEWHERE, 学籍状态="转出")
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "offered"}
    await stage.change("student_status", {"学籍号": child.number}, {"学籍状态": "在读"})
    stage.clock.advance(60)
    await stage.work()
    assert await stage.situations() == {"1": "held:already_enrolled"}


async def test_a_hold_goes_on_by_itself_when_the_kindergarten_has_acted(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "held:not_graduated"}
    await stage.change("preschool", {"学籍号": child.number}, {"学籍状态": "毕业"})
    stage.clock.advance(60)
    await stage.work()
    assert await stage.situations() == {"1": "carried"}


async def test_an_intake_is_settled_while_only_a_closed_lane_keeps_verdicts_back(
    staged: Staged, village: Village
) -> None:
    children = [village.child(serial) for serial in range(1, 9)]
    stage = await staged(village, automatic_acceptance=True)
    await stage.set_fault("population", {"kind": "http_500"})
    intake_id = await stage.submit([child.row() for child in children])
    await stage.work()
    stage.clock.advance(60)
    await stage.work()
    assert set((await stage.situations()).values()) == {"carried"}
    told = (await stage.ask("GET", f"/v1/intakes/{intake_id}", Role.CLERK)).json()
    assert told["settled"] is True
