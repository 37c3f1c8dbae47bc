"""The doors: filters, pages, counts, the sheet, and what each role and purpose may see."""

import io

import openpyxl

from gateway.access.vocabulary import Role
from tests.intake.stage import Stage
from tests.intake.village import COUNTY, OTHER_COUNTY, RIVAL, SCHOOL, Village
from tests.verification.problems.actors import bring_to_county, listed, read
from tests.verification.problems.conftest import Staged

DAY = 86_400.0
FORMULA = "=1+1"


async def with_three(staged: Staged, village: Village) -> Stage:
    """Two children not on file at one school, a wrong name at another in the same county."""
    children = [village.child(serial) for serial in (1, 2, 3)]
    village.population[2]["XM"] = "别名"
    del village.population[:2]
    stage = await staged(village)
    await stage.submit([children[0].row(), children[1].row(姓名=FORMULA)])
    await stage.work()
    stage.clock.advance(DAY)
    await stage.submit([children[2].row()], school=RIVAL)
    await stage.work()
    return stage


async def test_the_list_is_filtered_and_paged(staged: Staged, village: Village) -> None:
    stage = await with_three(staged, village)
    everything = await listed(stage)
    assert len(everything) == 3
    for query, count in (
        ("?class=document_not_on_file", 2),
        ("?class=document_name_mismatch", 1),
        (f"?school={RIVAL}", 1),
        (f"?county={COUNTY}", 3),
        (f"?county={OTHER_COUNTY}", 0),
        ("?older_than_days=1", 2),
        ("?older_than_days=2", 0),
        (f"?owner=school:{SCHOOL}", 2),
        ("?state=closed", 0),
        ("?due_before=2026-09-18", 2),
    ):
        assert len(await listed(stage, query=query)) == count, query
    paged, after = [], ""
    while True:
        page = (await stage.ask("GET", f"/v1/problems?limit=2&after={after}", Role.COUNTY)).json()
        paged += page["problems"]
        if page["next"] is None:
            break
        after = page["next"]
    assert paged == everything


async def test_a_school_sees_its_own_and_purpose_decides_on_values(
    staged: Staged, village: Village
) -> None:
    stage = await with_three(staged, village)
    assert {one["school"] for one in await listed(stage, Role.CLERK)} == {SCHOOL}
    problem_id = (await listed(stage, Role.CLERK))[0]["problem_id"]
    await bring_to_county(stage, problem_id)
    path = f"/v1/problems/{problem_id}"
    watched = (await stage.ask("GET", path, Role.COUNTY, purpose="supervision")).json()
    assert watched["particulars"] is watched["proposal"] is watched["name"] is None
    assert all(step["remark"] is None for step in watched["history"])
    seen, _ = await read(stage, problem_id, Role.COUNTY)
    assert seen["proposal"]["proofs"][0]["sha256"] == "ab" * 32
    rival = await stage.ask("GET", path, Role.CLERK, institution=RIVAL)
    far = await stage.ask("GET", path, Role.COUNTY, area=OTHER_COUNTY)
    assert rival.status_code == far.status_code == 404


async def test_counts_say_for_each_county_and_class_what_was_found_and_settled(
    staged: Staged, village: Village
) -> None:
    stage = await with_three(staged, village)
    problem_id = (await listed(stage, Role.CLERK))[0]["problem_id"]
    await bring_to_county(stage, problem_id)
    path = f"/v1/problems/{problem_id}/decision"
    _, etag = await read(stage, problem_id, Role.COUNTY)
    assert (await stage.ask("POST", path, Role.COUNTY, if_match=etag, json={})).status_code == 200
    rows = (await stage.ask("GET", "/v1/problems/counts", Role.COUNTY)).json()["rows"]
    counted = {
        (one["area"], one["zh"]): (one["found"], one["closed"], one["standing"], one["overdue"])
        for one in rows
    }
    assert counted == {
        (COUNTY, "合计"): (3, 1, 2, 0),
        (COUNTY, "身份证件号错误（不存在）"): (2, 1, 1, 0),
        (COUNTY, "身份证件号错误（与姓名不匹配）"): (1, 0, 1, 0),
    }


async def test_the_sheet_holds_text_no_spreadsheet_evaluates(
    staged: Staged, village: Village
) -> None:
    stage = await with_three(staged, village)
    answer = await stage.ask("GET", "/v1/problems/sheet", Role.COUNTY)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = list(book["问题学籍"].iter_rows(values_only=True))
    assert len(rows) == 4
    (cell,) = [c for row in book["问题学籍"].iter_rows() for c in row if c.value == FORMULA]
    assert cell.data_type == "s"
    assert ("999999", "合计", "3", "0", "3", "0") in book["统计"].iter_rows(values_only=True)
    assert [one["action"] for one in await stage.entries()].count("problem.exported") == 1
    watching = await stage.ask("GET", "/v1/problems/sheet", Role.COUNTY, purpose="supervision")
    assert watching.status_code == 404
    assert (await stage.ask("GET", "/v1/problems/sheet", Role.CLERK)).status_code == 404
