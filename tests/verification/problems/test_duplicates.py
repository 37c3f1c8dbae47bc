"""Duplicates: found on both sides, decided by whoever has both under it, merged by nobody."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from gateway.access.vocabulary import Role
from gateway.feed.tables import status_changes
from gateway.people.tables import persons
from gateway.verification.problems.rules.seats import Office, seat_of
from tests.intake.stage import Stage
from tests.intake.village import (
    COUNTY,
    ELSEWHERE,
    OTHER_COUNTY,
    RIVAL,
    SCHOOL,
    Village,
    _institution,
)
from tests.verification.problems.actors import (
    DELETION,
    EVIDENCE,
    act,
    bring_to_county,
    listed,
    read,
)
from tests.verification.problems.conftest import Staged

MINUTE = 60.0
NO_DOCUMENT = {"身份证件类型": "", "身份证件号": ""}


async def at_two_schools(
    staged: Staged, village: Village, other: str, area: str, **cells: str
) -> Stage:
    """One child on the lists of two schools, the second row changed as given; all is done."""
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.submit([child.row(**cells)], school=other, area=area)
    await settle(stage)
    return stage


async def settle(stage: Stage) -> None:
    """Do what is due, and what it makes due a minute later."""
    for _ in range(2):
        await stage.work()
        stage.clock.advance(MINUTE)
    await stage.work()


async def by_school(stage: Stage, role: Role = Role.PROVINCE) -> dict[str, dict[str, object]]:
    return {one["school"]: one for one in await listed(stage, role)}


def classes(problem: dict[str, object]) -> list[str]:
    found = problem["classes"]
    assert isinstance(found, list)
    return [one["problem_class"] for one in found]


async def test_one_document_at_two_schools_opens_one_record_on_each_side(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage = await at_two_schools(staged_on_each_engine, village, RIVAL, COUNTY)
    found = await by_school(stage)
    assert set(found) == {SCHOOL, RIVAL}
    for problem in found.values():
        assert classes(problem) == ["document_twice_one_person"]
    stage.clock.advance(2 * 86_400.0)
    await settle(stage)
    assert len(await listed(stage, Role.PROVINCE)) == 2


async def test_one_document_under_two_names_is_two_persons(
    staged: Staged, village: Village
) -> None:
    stage = await at_two_schools(staged, village, RIVAL, COUNTY, 姓名="别名")
    found = await by_school(stage)
    assert "document_twice_two_persons" in classes(found[SCHOOL])
    assert set(classes(found[RIVAL])) == {"document_twice_two_persons", "document_name_mismatch"}


async def test_namesakes_known_apart_stay_so_for_good(staged: Staged, village: Village) -> None:
    stage = await at_two_schools(staged, village, RIVAL, COUNTY, **NO_DOCUMENT)
    found = await by_school(stage)
    assert [classes(problem) for problem in found.values()] == [["person_twice"]] * 2
    closing = {"resolution": "two_persons", "remark": "户口簿核实为两人"}
    mine = str(found[SCHOOL]["problem_id"])
    assert await act(stage, mine, "closure", Role.COUNTY, closing) == (200, "closed")
    await settle(stage)
    assert await listed(stage, Role.PROVINCE) == []
    stage.clock.advance(400 * 86_400.0)
    await settle(stage)
    assert await listed(stage, Role.PROVINCE) == []


async def test_namesakes_whom_the_register_knows_both_are_no_duplicates(
    staged: Staged, village: Village
) -> None:
    one, other = village.child(1), village.child(2, 姓名="虚构1")
    village.population[1]["XM"] = one.name
    stage = await staged(village)
    await stage.submit([one.row()])
    await stage.submit([other.row(姓名=one.name)], school=RIVAL)
    await settle(stage)
    assert await listed(stage, Role.PROVINCE) == []


async def test_a_case_between_counties_is_the_provinces(staged: Staged, village: Village) -> None:
    stage = await at_two_schools(staged, village, ELSEWHERE, OTHER_COUNTY)
    mine = str((await by_school(stage))[SCHOOL]["problem_id"])
    seen, _ = await read(stage, mine, Role.COUNTY)
    (finding,) = seen["findings"]
    assert (seen["seat"], finding["counterpart_area"]) == ("province", OTHER_COUNTY)
    assert finding["counterpart_school"] is None
    await bring_to_county(stage, mine)
    assert await act(stage, mine, "decision", Role.COUNTY, {}) == (409, "higher_office")
    to_refer = {"remark": "跨县"}
    assert await act(stage, mine, "referral", Role.COUNTY, to_refer) == (200, "at_province")
    assert await act(stage, mine, "decision", Role.COUNTY, {}) == (409, "not_your_turn")
    seen, _ = await read(stage, mine, Role.PROVINCE)
    assert seen["findings"][0]["counterpart_school"] == ELSEWHERE
    assert await act(stage, mine, "decision", Role.PROVINCE, {}) == (200, "closed")


async def test_a_case_between_provinces_is_the_ministrys_whose_answer_the_province_records(
    staged: Staged, village: Village
) -> None:
    far_school, far_county = "9800010300", "980001"
    village.schools.append(_institution(far_school, "小学", far_county))
    stage = await at_two_schools(staged, village, far_school, far_county)
    mine = str((await by_school(stage))[SCHOOL]["problem_id"])
    seen, _ = await read(stage, mine, Role.COUNTY)
    assert seen["seat"] == "ministry"
    await bring_to_county(stage, mine)
    for role, state in ((Role.COUNTY, "at_province"), (Role.PROVINCE, "at_ministry")):
        assert await act(stage, mine, "decision", role, {}) == (409, "higher_office")
        assert await act(stage, mine, "referral", role, {"remark": "跨省"}) == (200, state)
    seen, _ = await read(stage, mine, Role.PROVINCE)
    assert seen["findings"][0]["counterpart_school"] is None, "it is another province's"
    answer = {"remark": "教基函〔2026〕8号"}
    assert await act(stage, mine, "decision", Role.PROVINCE, answer) == (200, "closed")


async def test_a_formal_number_is_deleted_by_the_ministry_alone(
    staged: Staged, village: Village
) -> None:
    stage = await at_two_schools(staged, village, RIVAL, COUNTY)
    mine = str((await by_school(stage))[SCHOOL]["problem_id"])
    await bring_to_county(stage, mine, DELETION)
    for role, state in ((Role.COUNTY, "at_province"), (Role.PROVINCE, "at_ministry")):
        assert await act(stage, mine, "decision", role, {}) == (409, "higher_office")
        assert await act(stage, mine, "referral", role, {"remark": "G 号"}) == (200, state)
    assert await act(stage, mine, "decision", Role.PROVINCE, {}) == (422, "reference_missing")
    answer = {"remark": "教基函〔2026〕7号"}
    assert await act(stage, mine, "decision", Role.PROVINCE, answer) == (200, "closed")


async def told(stage: Stage, event: str) -> list[tuple[str, str, str]]:
    """Where every change of this kind leaves its child, and where it was; by which decision."""
    columns = status_changes.c
    query = select(columns.school_from, columns.school_to, columns.source_code)
    async with stage.ground.database.reading() as connection:
        rows = await connection.execute(query.where(columns.event == event).order_by("version"))
        return [tuple(row) for row in rows]


async def test_a_record_deleted_as_a_double_is_told_as_merged_of_both_with_the_decision(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage = await at_two_schools(staged_on_each_engine, village, RIVAL, COUNTY)
    mine = str((await by_school(stage))[SCHOOL]["problem_id"])
    await bring_to_county(stage, mine, DELETION)
    for role in (Role.COUNTY, Role.PROVINCE):
        await act(stage, mine, "referral", role, {"remark": "G 号"})
    assert await told(stage, "merged") == []
    await act(stage, mine, "decision", Role.PROVINCE, {"remark": "教基函〔2026〕7号"})
    assert await told(stage, "merged") == [(SCHOOL, "", mine), (RIVAL, RIVAL, mine)]


async def test_two_records_told_apart_are_told_as_split_of_both(
    staged: Staged, village: Village
) -> None:
    stage = await at_two_schools(staged, village, RIVAL, COUNTY, **NO_DOCUMENT)
    mine = str((await by_school(stage))[SCHOOL]["problem_id"])
    closing = {"resolution": "two_persons", "remark": "户口簿核实为两人"}
    await act(stage, mine, "closure", Role.COUNTY, closing)
    assert sorted(await told(stage, "split")) == sorted(
        [(SCHOOL, SCHOOL, mine), (RIVAL, RIVAL, mine)]
    )


async def test_no_decision_makes_two_persons_one(staged: Staged, village: Village) -> None:
    stage = await at_two_schools(staged, village, RIVAL, COUNTY)
    before = await count_persons(stage)
    for school, problem in (await by_school(stage)).items():
        await bring_to_county(stage, str(problem["problem_id"]), EVIDENCE, school)
        await act(stage, str(problem["problem_id"]), "decision", Role.COUNTY, {})
    await settle(stage)
    assert await count_persons(stage) == before
    assert await listed(stage, Role.PROVINCE) == []


async def test_a_duplicate_that_left_the_list_ends_with_it(
    staged: Staged, village: Village
) -> None:
    stage = await at_two_schools(staged, village, RIVAL, COUNTY)
    handover = await stage.handover("1", RIVAL)
    path = f"/v1/handovers/{handover.handover_id}/withdrawal"
    who = {"institution": RIVAL}
    answer = await stage.ask("POST", path, Role.CLERK, json={"reason": "择校"}, **who)
    assert answer.status_code == 200, answer.text
    stage.clock.advance(86_400.0)
    await settle(stage)
    assert await listed(stage, Role.PROVINCE) == []


AREAS = st.sampled_from(["999999", "999998", "990001", "980001"])


@given(area=AREAS, others=st.lists(AREAS, max_size=4), national=st.booleans())
def test_the_seat_has_every_side_under_it(area: str, others: list[str], national: bool) -> None:
    seat = seat_of(area, others, deletes_a_national_number=national)
    under = {Office.COUNTY: 6, Office.PROVINCE: 2, Office.MINISTRY: 0}[seat]
    assert all(other[:under] == area[:under] for other in others)
    assert seat is Office.MINISTRY or not national
    lower = {Office.COUNTY: None, Office.PROVINCE: 6, Office.MINISTRY: 2}[seat]
    if lower and not national:
        assert _differ(area[:lower], (other[:lower] for other in others))


def _differ(mine: str, others: Iterable[str]) -> bool:
    return any(other != mine for other in others)


async def count_persons(stage: Stage) -> int:
    async with stage.ground.database.reading() as connection:
        counted = await connection.execute(select(func.count()).select_from(persons))
        return int(counted.scalar_one())
