"""What the registers tell of reaches the province: once, with both sides, and never guessed."""

import json
from pathlib import Path
from shutil import copytree

from sqlalchemy import update

from gateway.collecting.parking import list_waiting
from gateway.collecting.tables import cursors
from gateway.feed.digests.roster import load_roster
from mappings.tables import ROOT
from tests.feed.province import read
from tests.feed.sources.conftest import Staged
from tests.feed.sources.told import PROVINCE, events, listen, told
from tests.intake.stage import Stage
from tests.intake.village import (
    COUNTY,
    ELSEWHERE,
    KINDERGARTEN,
    OTHER_KINDERGARTEN,
    SCHOOL,
    Village,
)

COLLECTED = 60.0


async def collect(stage: Stage) -> None:
    stage.clock.advance(COLLECTED)
    await stage.work()


async def test_a_code_of_the_register_is_told_in_our_words_beside_its_own(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stage = await staged(village)
    await listen(stage)
    named = {"学籍号": child.number}
    await stage.change("preschool", named, {"异动类别": "缓学留园", "学籍状态": "缓学留园"})
    await collect(stage)
    (one,) = await told(stage)
    assert (one.event, one.source, one.source_code) == ("deferred", "preschool", "缓学留园")
    assert (one.school_from, one.school_to) == (KINDERGARTEN, KINDERGARTEN)


async def test_without_codes_a_move_is_told_with_both_schools_and_then_a_status(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1)
    village.pupil(child, school=SCHOOL)
    stage = await staged_on_each_engine(village)
    await listen(stage)
    named = {"学籍号": child.number}
    await stage.change("student_status", named, {"年级": "一年级"})  # seen for the first time
    await stage.change("student_status", named, {"学校标识码": ELSEWHERE})
    await stage.change("student_status", named, {"学籍状态": "休学"})
    await stage.change("student_status", named, {"学籍状态": "在读"})
    await collect(stage)
    assert await events(stage) == ["moved_in", "suspended", "resumed"]
    moved = (await told(stage))[0]
    assert (moved.school_from, moved.school_to) == (SCHOOL, ELSEWHERE)


async def test_a_new_number_is_told_of_the_same_child(staged: Staged, village: Village) -> None:
    temporary = "L999999202001010007"
    child = village.child(1, "在园", 学籍号=temporary)
    stage = await staged(village)
    await listen(stage)
    await stage.change("preschool", {"学籍号": temporary}, {"学籍状态": "缓学留园"})
    await stage.change("preschool", {"学籍号": temporary}, {"学籍号": child.number})
    await collect(stage)
    assert await events(stage) == ["deferred", "number_changed"]
    assert len({one.person_id for one in await told(stage)}) == 1


async def test_a_register_that_began_anew_tells_nothing_twice(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stage = await staged_on_each_engine(village)
    await listen(stage)
    graduated = {"异动类别": "毕业", "学籍状态": "毕业"}
    await stage.change("preschool", {"学籍号": child.number}, graduated)
    await collect(stage)
    async with stage.ground.database.transaction() as connection:
        await connection.execute(update(cursors).values(cursor=7))  # ahead of the register
    await collect(stage)
    await stage.change("preschool", {"学籍号": child.number}, {"学籍状态": "离园"})
    await collect(stage)
    assert await events(stage) == ["graduated", "left"]


async def test_an_unknown_code_waits_for_its_owner_and_is_told_once_decided(
    staged_on_each_engine: Staged, village: Village, tmp_path: Path
) -> None:
    tables = tmp_path / "tables"
    copytree(ROOT, tables, ignore=lambda _, names: [n for n in names if n.endswith(".py")])
    child = village.child(1, "在园")
    stage = await staged_on_each_engine(village, crosswalks=tables)
    await listen(stage)
    named, moved = {"学籍号": child.number}, {"机构标识码": OTHER_KINDERGARTEN}
    await stage.change("preschool", named, {"异动类别": "跨区划转", **moved})
    await collect(stage)
    assert await events(stage) == []
    async with stage.ground.database.reading() as connection:
        (waiting,) = await list_waiting(connection)
    assert (waiting.code, waiting.changes) == ("跨区划转", 1)
    assert waiting.owner == "学前学籍代码对照维护人"
    with (tables / "preschool" / "change.csv").open("a", encoding="utf-8") as rows:
        rows.write("跨区划转,跨区划转,equivalent,moved_in,转入,\n")
    for _ in range(2):
        await collect(stage)
    (one,) = await told(stage)
    assert (one.event, one.source_code) == ("moved_in", "跨区划转")
    assert (one.school_from, one.school_to) == (KINDERGARTEN, OTHER_KINDERGARTEN)
    async with stage.ground.database.reading() as connection:
        assert await list_waiting(connection) == []


async def test_a_mark_set_by_somebody_else_is_told(staged: Staged, village: Village) -> None:
    child = village.child(1)
    stage = await staged(village)
    await listen(stage)
    marked = {"异动类别": "升学", "学籍状态": "升学", "升入学校标识码": ELSEWHERE}
    await stage.change("preschool", {"学籍号": child.number}, marked)
    await collect(stage)
    (one,) = await told(stage)
    assert (one.event, one.school_from, one.school_to) == ("advanced", KINDERGARTEN, ELSEWHERE)


async def test_a_municipal_school_is_told_of_to_its_own_office_not_to_its_district(
    staged: Staged, village: Village
) -> None:
    municipal = "9999990300"
    named = {"机构标识码": municipal, "名称": "虚构市直小学", "类型": "小学", "行政区划": COUNTY}
    village.schools.append({**named, "主管教育行政部门代码": "990100000000", "状态": "正常"})
    child = village.child(1)
    village.pupil(child, school=municipal)
    stage = await staged(village)
    await listen(stage, areas="990100")
    await stage.change("student_status", {"学籍号": child.number}, {"学籍状态": "休学"})
    await collect(stage)
    assert await events(stage) == ["suspended"]


async def test_a_change_waits_while_nobody_can_say_whose_county_a_school_is(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.pupil(child, school=ELSEWHERE)
    stage = await staged(village)
    await listen(stage)
    await stage.set_fault("student_status", {"kind": "http_503", "operation": "institutions"})
    await stage.change("student_status", {"学籍号": child.number}, {"学籍状态": "休学"})
    await collect(stage)
    assert await events(stage) == []
    await stage.set_fault("student_status")
    for _ in range(3):
        stage.clock.advance(600)
        await stage.work()
    assert await events(stage) == ["suspended"]


async def test_a_change_decided_about_after_newer_ones_is_told_late_and_overwrites_nothing(
    staged: Staged, village: Village, tmp_path: Path
) -> None:
    tables = tmp_path / "tables"
    copytree(ROOT, tables, ignore=lambda _, names: [n for n in names if n.endswith(".py")])
    child = village.child(1, "在园")
    stage = await staged(village, crosswalks=tables)
    await listen(stage)
    named = {"学籍号": child.number}
    await stage.change("preschool", named, {"异动类别": "跨区划转", "学籍状态": "在园"})
    await collect(stage)
    await stage.change("preschool", named, {"异动类别": "毕业", "学籍状态": "毕业"})
    await collect(stage)
    with (tables / "preschool" / "change.csv").open("a", encoding="utf-8") as rows:
        rows.write("跨区划转,跨区划转,equivalent,moved_in,转入,\n")
    for _ in range(2):
        await collect(stage)
    page = json.loads(await read(stage.ground.database, PROVINCE))
    assert [(one["data"]["label"], one["data"].get("late")) for one in page] == [
        ("毕业", None),
        ("转入", True),
    ]
    async with stage.ground.database.reading() as connection:
        mine = (stage.ground.sealer, PROVINCE, KINDERGARTEN, 2)
        (leaf,) = await load_roster(connection, *mine)
    assert leaf[2] == "graduated"
