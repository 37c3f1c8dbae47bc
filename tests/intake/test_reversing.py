"""Undoing a passage in both registers: whole, once, however often the line breaks."""

import pytest

from gateway.access.vocabulary import Role
from tests.intake.conftest import Staged
from tests.intake.stage import Stage
from tests.intake.test_choosing import address
from tests.intake.village import RIVAL, SCHOOL, Village


async def carried(staged: Staged, village: Village, **settings: object) -> Stage:
    child = village.child(1)
    stage = await staged(village, automatic_acceptance=True, **settings)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    return stage


async def reverse(stage: Stage, role: Role = Role.LEADER) -> tuple[int, str]:
    path = f"{await address(stage)}/reversal"
    answer = await stage.ask("POST", path, role, json={"reason": "误招"})
    faults = answer.json().get("errors") or [{"code": ""}]
    return answer.status_code, faults[0]["code"]


async def undone(stage: Stage) -> tuple[str, int]:
    """How the preschool record stands, and how many primary records there are."""
    (record,) = await stage.records("preschool")
    return record["学籍状态"], len(await stage.records("student_status"))


async def test_both_registers_stand_as_before_and_the_number_is_unchanged(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage = await carried(staged_on_each_engine, village)
    assert await undone(stage) == ("升学", 1)
    assert await reverse(stage) == (202, "")
    view = (await stage.ask("GET", await address(stage), Role.CLERK)).json()
    assert (view["state"], view["reversing"]) == ("carried", True)
    assert await reverse(stage) == (409, "reversing")
    await stage.work()
    assert await stage.situations() == {"1": "reversed"}
    assert await undone(stage) == ("毕业", 0)
    view = (await stage.ask("GET", await address(stage), Role.CLERK)).json()
    assert (view["reversing"], view["number"]) == (False, village.preschool[0]["学籍号"])
    outcomes = [e["outcome"] for e in await stage.entries() if e["action"] == "handover.reversed"]
    assert outcomes == ["reversal_begun", "reversed"]


LINES = [
    ("student_status", "lookup", "http_503"),
    ("student_status", "lookup", "reset"),
    ("student_status", "remove", "lost_answer"),
    ("student_status", "remove", "reset"),
    ("student_status", "remove", "html_200"),
    ("preschool", "lookup", "truncated"),
    ("preschool", "undo", "lost_answer"),
    ("preschool", "undo", "http_500"),
    ("preschool", "undo", "empty"),
]


@pytest.mark.parametrize(("system", "operation", "kind"), LINES)
async def test_a_broken_line_only_delays_it(
    staged: Staged, village: Village, system: str, operation: str, kind: str
) -> None:
    stage = await carried(staged, village)
    await stage.set_fault(system, {"kind": kind, "operation": operation})
    await reverse(stage)
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    assert (await stage.handover("1")).writing is not None
    await stage.set_fault(system)
    for _ in range(3):
        stage.clock.advance(300)
        await stage.work()
    assert await stage.situations() == {"1": "reversed"}
    assert await undone(stage) == ("毕业", 0)


@pytest.mark.parametrize(
    ("system", "operation"), [("student_status", "remove"), ("preschool", "undo")]
)
async def test_what_was_undone_before_the_answer_was_lost_is_not_sent_again(
    staged: Staged, village: Village, system: str, operation: str
) -> None:
    stage = await carried(staged, village)
    await stage.set_fault(system, {"kind": "lost_answer", "operation": operation})
    await reverse(stage)
    await stage.work()
    await stage.set_fault(system)
    stage.clock.advance(300)
    await stage.work()
    assert await stage.situations() == {"1": "reversed"}
    assert len(await stage.requests(system, operation)) == 1


async def test_a_record_its_register_has_approved_is_registered_and_nothing_is_undone(
    staged: Staged, village: Village
) -> None:
    stage = await carried(staged, village)
    await stage.change("student_status", {"学校标识码": SCHOOL}, {"审核状态": "已核准"})
    await reverse(stage)
    await stage.work()
    assert await stage.situations() == {"1": "registered"}
    assert await undone(stage) == ("升学", 1)
    assert await reverse(stage) == (409, "registered")


async def test_a_register_that_is_closed_is_waited_for_in_the_middle(
    staged: Staged, village: Village
) -> None:
    stage = await carried(staged, village)
    await stage.set_fault("preschool", {"kind": "closed", "operation": "undo"})
    await reverse(stage)
    await stage.work()
    assert await undone(stage) == ("升学", 0)
    await stage.set_fault("preschool")
    stage.clock.advance(600)
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    stage.clock.advance(1800)
    await stage.work()
    assert await stage.situations() == {"1": "reversed"}
    assert await undone(stage) == ("毕业", 0)


async def test_what_stood_before_we_came_is_not_ours_to_undo(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.pupil(child, SCHOOL)
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    assert await reverse(stage) == (409, "not_ours")


async def test_after_a_reversal_another_school_carries_the_child(
    staged: Staged, village: Village
) -> None:
    stage = await carried(staged, village)
    child = await stage.records("preschool")
    row = {"序号": "1", "姓名": child[0]["姓名"], "性别": "男", "出生日期": "2020-01-01"}
    row |= {"身份证件类型": "居民身份证", "身份证件号": child[0]["身份证号码"], "是否报到": "是"}
    await stage.submit([row], RIVAL)
    await stage.work()
    assert await stage.situations(RIVAL) == {"1": "held:claimed_elsewhere"}
    await reverse(stage)
    await stage.work()
    stage.clock.advance(60)
    await stage.work()
    assert await stage.situations(RIVAL) == {"1": "carried"}
    (created,) = await stage.records("student_status")
    assert (created["学校标识码"], created["学籍号"]) == (RIVAL, child[0]["学籍号"])
    await stage.submit([{**row, "报到日期": "2026-09-10"}])
    await stage.work()
    assert [*(await stage.situations()).values()] == ["held:claimed_elsewhere"]


async def test_nothing_is_reversed_outside_the_window(staged: Staged, village: Village) -> None:
    past = {"opens": "2026-08-01T00:00:00+08:00", "closes": "2026-09-01T00:00:00+08:00"}
    stage = await carried(staged, village, windows={"reverse": [past]})
    assert await reverse(stage) == (409, "window_closed")


async def test_an_offer_has_nothing_to_reverse(staged: Staged, village: Village) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    assert await reverse(stage, Role.COUNTY) == (409, "not_allowed")
