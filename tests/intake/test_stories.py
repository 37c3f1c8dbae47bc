"""Whole stories through the worker: what a list comes to, over real sockets, on each engine."""

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
