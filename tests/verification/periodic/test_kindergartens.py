"""Kindergartens take part like schools: read of by class, compared, rosters signed."""

from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.population.nciic.contract import CHECK
from gateway.access.vocabulary import Role
from gateway.verification.periodic import kindergartens
from gateway.verification.periodic.tables import round_subjects
from tests.intake.stage import Stage
from tests.intake.village import (
    KINDERGARTEN,
    OTHER_KINDERGARTEN,
    Child,
    Village,
    person,
)
from tests.verification.periodic.actors import (
    ROUNDS,
    close,
    course,
    hand_in,
    listed,
    report,
    signed,
    start,
)
from tests.verification.periodic.conftest import Staged
from tests.verification.problems.actors import EVIDENCE, act
from tests.verification.problems.actors import listed as problems

DAY = 86_400.0
CLASS = "DB01"
AT = {"institution": KINDERGARTEN}
THEIRS: dict[str, Any] = {
    "class_name": CLASS,
    "school": KINDERGARTEN,
    "clerk": Role.KINDERGARTEN,
}


def attending(village: Village, many: int) -> list[Child]:
    """So many children in the county's kindergarten, one in another county's, one who graduated."""
    children = [village.child(n, "在园", 班级编码=CLASS) for n in range(1, many + 1)]
    village.child(88, "在园", 机构标识码=OTHER_KINDERGARTEN)
    village.child(89, "毕业")
    return children


async def begun(staged: Staged, village: Village) -> tuple[Stage, str]:
    """A round whose kindergartens were read."""
    stage = await staged(village)
    started = await start(stage)
    assert (started["schools"], started["kindergartens_read"]) == (0, False)
    await stage.work()
    return stage, started["round_id"]


async def of_class(stage: Stage, round_id: str) -> dict[str, list[dict[str, Any]]]:
    """The kindergarten's records on no roster yet, by class, each as a roster takes it."""
    answer = await stage.ask("GET", f"{ROUNDS}/{round_id}/records", Role.KINDERGARTEN, **AT)
    found: dict[str, list[dict[str, Any]]] = {}
    for one in answer.json()["records"]:
        found.setdefault(one["class_name"], []).append(one)
    return found


async def test_every_record_of_a_child_attending_is_read_once_and_compared(
    staged_on_each_engine: Staged, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kindergartens, "PAGE", 2)
    children = attending(village, 3)
    village.population[1]["XM"] = "别名"
    stage, round_id = await begun(staged_on_each_engine, village)
    told = await course(stage, round_id)
    assert (told["schools"], told["records"], told["kindergartens_read"]) == (1, 3, True)
    (sweep,) = told["comparisons"]
    assert (sweep["stage"], sweep["gathered"], sweep["state"]) == ("preschool", 3, "done")
    assert len(await stage.requests("preschool", "roll")) == 2
    (problem,) = await problems(stage)
    assert (problem["school"], problem["name"]) == (KINDERGARTEN, children[1].name)
    assert [one["problem_class"] for one in problem["classes"]] == ["document_name_mismatch"]


async def test_a_class_is_signed_by_its_kindergarten_and_what_differs_becomes_a_record(
    staged_on_each_engine: Staged, village: Village
) -> None:
    here, left, absent = attending(village, 3)
    stage, round_id = await begun(staged_on_each_engine, village)
    by_class = await of_class(stage, round_id)
    assert {name: len(records) for name, records in by_class.items()} == {CLASS: 3}
    stranger = person(9)
    there = [
        {"record": one["record"]}
        for child in (here, left)
        for one in by_class[CLASS]
        if one["name"] == child.name
    ]
    marks = [(1, "present"), (2, "left"), (3, "present")]
    await signed(stage, round_id, [*there, listed(stranger)], *marks, **THEIRS)
    await close(stage, round_id)
    found = {(one["kind"], one["listed_name"]) for one in await report(stage, round_id)}
    assert found == {
        ("left", left.name),
        ("no_record", stranger.name),
        ("not_on_roster", None),
    }
    opened = await problems(stage, query="?class=roster_mismatch")
    assert {one["name"] for one in opened} == {left.name, absent.name, stranger.name}
    assert {one["owner"] for one in opened} == {f"school:{KINDERGARTEN}"}


async def test_a_kindergarten_settles_its_problem_as_a_school_does(
    staged: Staged, village: Village
) -> None:
    attending(village, 1)
    village.population[0]["XM"] = "别名"
    stage, _ = await begun(staged, village)
    (problem,) = await problems(stage)
    named = (stage, problem["problem_id"])
    change = {**EVIDENCE, "remedy": "change", "change": {"name": "别名"}}
    assert await act(*named, "proposal", Role.KINDERGARTEN, change, **AT) == (200, "checking")
    await stage.work()
    assert await act(*named, "confirmation", Role.LEADER, **AT) == (200, "at_county")
    assert await act(*named, "decision", Role.COUNTY, {}) == (200, "changing")
    await stage.work()
    assert await problems(stage) == []


async def test_a_record_the_register_tells_of_no_more_is_over_with_what_was_found_of_it(
    staged: Staged, village: Village
) -> None:
    (gone, stays) = attending(village, 2)
    stage, first = await begun(staged, village)
    by_class = await of_class(stage, first)
    there = [{"record": one["record"]} for one in by_class[CLASS]]
    await signed(
        stage,
        first,
        there,
        *[(place, "left") for place in (1, 2)],
        **THEIRS,
    )
    await close(stage, first)
    assert len(await problems(stage)) == 2
    await stage.change("preschool", {"学籍号": gone.number}, {"学籍状态": "离园"})
    assert (await course(stage, await next_round(stage)))["records"] == 1
    assert [one["name"] for one in await problems(stage)] == [stays.name]


async def test_a_register_that_does_not_answer_is_asked_again_and_the_round_goes_on(
    staged: Staged, village: Village
) -> None:
    attending(village, 2)
    stage = await staged(village)
    await stage.set_fault("preschool", {"kind": "http_500", "operation": "roll"})
    round_id = (await start(stage))["round_id"]
    await stage.work()
    assert (await course(stage, round_id))["kindergartens_read"] is False
    await stage.set_fault("preschool")
    stage.clock.advance(600)
    await stage.work()
    told = await course(stage, round_id)
    assert (told["kindergartens_read"], told["records"]) == (True, 2)


async def test_a_kindergarten_that_takes_no_part_finds_nothing(
    staged: Staged, village: Village
) -> None:
    attending(village, 1)
    stage, round_id = await begun(staged, village)
    other = {"institution": OTHER_KINDERGARTEN}
    answer = await stage.ask("GET", f"{ROUNDS}/{round_id}/records", Role.KINDERGARTEN, **other)
    assert answer.status_code == 404
    status, _ = await hand_in(stage, round_id, [listed(person(9))], role=Role.KINDERGARTEN, **other)
    assert status == 404


async def next_round(stage: Stage) -> str:
    """The round of the second semester, read of and compared."""
    stage.clock.advance(100 * DAY)
    term = {"school_year": "2026-2027", "semester": 2}
    answer = await stage.ask("POST", ROUNDS, Role.COUNTY, purpose="supervision", json=term)
    await stage.work()
    round_id: str = answer.json()["round_id"]
    return round_id


async def test_a_formal_number_without_its_document_is_a_problem_until_the_document_is_there(
    staged: Staged, village: Village
) -> None:
    formal, unnumbered = person(1), person(2)
    none = {"身份证类型": "其他", "身份证号码": ""}
    village.child(1, "在园", **none)
    village.child(2, "在园", 学籍号="", **none)
    stage, _ = await begun(staged, village)
    (problem,) = await problems(stage)
    assert [one["problem_class"] for one in problem["classes"]] == ["document_missing"]
    assert (problem["name"], unnumbered.name) == (formal.name, "虚构2")
    given = {"身份证类型": "居民身份证", "身份证号码": formal.document}
    await stage.change("preschool", {"学籍号": formal.number}, given)
    await next_round(stage)
    assert await problems(stage) == []


async def test_a_number_that_a_round_found_on_no_file_is_asked_about_again_each_week(
    staged: Staged, village: Village
) -> None:
    (child,) = attending(village, 1)
    village.population[0]["GMSFHM"] = person(77).document
    stage, _ = await begun(staged, village)
    (problem,) = await problems(stage)
    assert [one["problem_class"] for one in problem["classes"]] == ["document_not_on_file"]
    asked = []
    for days in (6, 2, 6, 2):
        stage.clock.advance(days * DAY)
        await stage.work()
        asked.append(len(await stage.requests("population", CHECK)))
    assert asked == [1, 2, 2, 3]
    await stage.change("population", {"XM": child.name}, {"GMSFHM": child.document})
    stage.clock.advance(8 * DAY)
    await stage.work()
    assert await problems(stage) == []


async def test_a_child_without_a_record_is_no_problem_any_more_once_the_school_holds_one(
    staged: Staged, village: Village
) -> None:
    late, other = village.child(1), village.child(3)
    stage = await staged(village)
    await stage.submit([other.row()])
    await stage.work()
    round_id = (await start(stage))["round_id"]
    await signed(stage, round_id, [listed(other), listed(late)])
    await stage.work()
    assert [one["name"] for one in await problems(stage)] == [late.name]
    await stage.submit([late.row()])
    await stage.work()
    stage.clock.advance(DAY)
    await stage.work()
    assert await problems(stage) == []


async def test_what_a_round_kept_is_destroyed_in_time_but_for_open_problems(
    staged: Staged, village: Village
) -> None:
    attending(village, 2)
    village.population[0]["XM"] = "别名"
    stage, round_id = await begun(staged, village)
    await close(stage, round_id)
    stage.clock.advance((stage.ground.settings.periodic.kept_days + 1) * DAY)
    await stage.work()
    assert await kept(stage) == 1
    (problem,) = await problems(stage)
    closing = {"resolution": "unfounded", "remark": "户口簿核实"}
    assert await act(stage, problem["problem_id"], "closure", Role.COUNTY, closing) == (
        200,
        "closed",
    )
    stage.clock.advance(DAY)
    await stage.work()
    assert await kept(stage) == 0


async def kept(stage: Stage) -> int:
    """How many children rounds still keep."""
    async with stage.ground.database.reading() as connection:
        counted = await connection.execute(select(func.count()).select_from(round_subjects))
        return int(counted.scalar_one())
