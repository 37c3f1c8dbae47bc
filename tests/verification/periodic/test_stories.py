"""A semester's round from its start to its report."""

import io
import zipfile

import pytest

from adapters.population.nciic.contract import CHECK
from gateway.access.vocabulary import Role
from gateway.verification.batches import rows
from gateway.verification.periodic import sweeping
from gateway.wiring.periodic import wire_periodic_lanes
from tests.intake.stage import Stage
from tests.intake.village import COUNTY, RIVAL, SCHOOL, Child, Village, person
from tests.verification.periodic.actors import (
    ROUNDS,
    close,
    confirm,
    course,
    hand_in,
    listed,
    mark,
    read,
    report,
    sign,
    signed,
    start,
)
from tests.verification.periodic.conftest import Staged
from tests.verification.problems.actors import EVIDENCE, act
from tests.verification.problems.actors import listed as problems

DAY = 86_400.0


async def with_children(staged: Staged, village: Village, many: int) -> tuple[Stage, list[Child]]:
    """A school with so many children, each known to the police under its name."""
    children = [village.child(serial) for serial in range(1, many + 1)]
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row() for child in children])
    await stage.work()
    return stage, children


async def test_a_round_asks_the_police_about_every_record_and_opens_what_it_finds(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage, _ = await with_children(staged_on_each_engine, village, 3)
    before = len(await stage.requests("population", CHECK))
    await stage.change("population", {"GMSFHM": person(2).document}, {"XM": "别名"})
    begun = await start(stage)
    assert (begun["schools"], begun["records"], begun["state"]) == (1, 3, "running")
    await stage.work()
    (sweep,) = (await course(stage, begun["round_id"]))["comparisons"]
    assert (sweep["gathered"], sweep["state"], sweep["pending"]) == (3, "done", 0)
    assert len(await stage.requests("population", CHECK)) > before
    (problem,) = await problems(stage)
    assert [one["problem_class"] for one in problem["classes"]] == ["document_name_mismatch"]
    assert problem["name"] == person(2).name


async def test_started_again_it_is_the_round_there_is_and_another_office_may_not_overlap(
    staged: Staged, village: Village
) -> None:
    stage, _ = await with_children(staged, village, 1)
    assert (await start(stage))["round_id"] == (await start(stage))["round_id"]
    answer = await stage.ask(
        "POST",
        ROUNDS,
        Role.PROVINCE,
        purpose="supervision",
        json={"school_year": "2026-2027", "semester": 1},
    )
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "overlapping"


async def test_the_report_names_every_way_in_which_children_and_records_differ(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage, children = await with_children(staged_on_each_engine, village, 5)
    here, left, lost, renamed, absent = children
    round_id = (await start(stage))["round_id"]
    stranger = person(9)
    there = [listed(here), listed(left), listed(lost), listed(renamed, name="又一名")]
    there.append(listed(stranger))
    marks = [(1, "present"), (2, "left"), (3, "unknown"), (4, "present"), (5, "present")]
    await signed(stage, round_id, there, *marks)
    await close(stage, round_id)
    found = {
        (one["kind"], one["listed_name"], one["recorded_name"])
        for one in await report(stage, round_id)
    }
    assert found == {
        ("left", left.name, left.name),
        ("unknown", lost.name, lost.name),
        ("identity", "又一名", renamed.name),
        ("no_record", stranger.name, None),
        ("not_on_roster", None, absent.name),
    }
    opened = await problems(stage, query="?class=roster_mismatch")
    differing = {left.name, lost.name, renamed.name, absent.name, stranger.name}
    assert {one["name"] for one in opened} == differing
    lines = await report(stage, round_id)
    named = [one["problem_id"] for one in lines]
    assert sorted(named) == sorted(one["problem_id"] for one in opened)
    assert [one["kind"] for one in lines if one["record"] is None] == ["no_record"]
    assert (await course(stage, round_id))["state"] == "closed"


async def test_to_watch_over_schools_nobody_needs_a_name(staged: Staged, village: Village) -> None:
    stage, (child, *_) = await with_children(staged, village, 1)
    round_id = (await start(stage))["round_id"]
    await signed(stage, round_id, [listed(child)], (1, "left"))
    (line,) = await report(stage, round_id, purpose="supervision")
    assert (line["listed_name"], line["recorded_name"], line["reason"]) == (None, None, "")


async def test_who_went_through_a_roster_does_not_sign_it_and_all_are_looked_at(
    staged: Staged, village: Village
) -> None:
    stage, (one, two) = await with_children(staged, village, 2)
    round_id = (await start(stage))["round_id"]
    _, roster_id = await hand_in(stage, round_id, [listed(one), listed(two)])
    assert await mark(stage, roster_id, (1, "present")) == (200, "open")
    assert await confirm(stage, roster_id) == (409, "unmarked")
    assert await mark(stage, roster_id, (3, "present")) == (422, "unknown_place")
    assert await mark(stage, roster_id, (2, "present")) == (200, "open")
    assert await sign(stage, roster_id) == (409, "not_your_turn")
    assert await confirm(stage, roster_id) == (200, "confirmed")
    assert await mark(stage, roster_id, (2, "left")) == (409, "not_your_turn")
    assert await sign(stage, roster_id, user="clerk.zhang") == (409, "same_person")
    path = f"/v1/periodic-rosters/{roster_id}"
    assert (await stage.ask("POST", f"{path}/signature", Role.LEADER)).status_code == 428
    seen, etag = await read(stage, roster_id)
    rejected = await stage.ask(
        "POST", f"{path}/rejection", Role.LEADER, if_match=etag, json={"remark": "请再核对"}
    )
    assert rejected.json()["state"] == "open"
    assert await confirm(stage, roster_id) == (200, "confirmed")
    stale = await stage.ask("POST", f"{path}/signature", Role.LEADER, if_match=etag)
    assert stale.status_code == 412
    assert await sign(stage, roster_id) == (200, "signed")
    assert await hand_in(stage, round_id, [listed(one)]) == (409, "class_signed")
    assert [row["presence"] for row in seen["rows"]] == ["present", "present"]


async def test_records_are_put_into_classes_by_their_ids_each_once(
    staged: Staged, village: Village
) -> None:
    stage, (one, two) = await with_children(staged, village, 2)
    round_id = (await start(stage))["round_id"]
    path = f"{ROUNDS}/{round_id}/records"
    free = (await stage.ask("GET", path, Role.CLERK)).json()["records"]
    assert {record["name"] for record in free} == {one.name, two.name}
    first, second = ({"record": record["record"]} for record in free)
    assert await hand_in(stage, round_id, [first, first]) == (422, "listed_twice")
    assert (await hand_in(stage, round_id, [first]))[0] == 200
    left = (await stage.ask("GET", path, Role.CLERK)).json()["records"]
    assert [record["record"] for record in left] == [second["record"]]
    assert await hand_in(stage, round_id, [first], "一（2）班") == (422, "listed_twice")
    assert await hand_in(stage, round_id, [{"record": "x"}], "一（2）班") == (422, "unknown_record")
    assert (await hand_in(stage, round_id, [second]))[0] == 200, "the same class is replaced"


async def test_a_school_that_has_not_signed_all_has_nothing_held_against_it(
    staged: Staged, village: Village
) -> None:
    stage, (one, *_) = await with_children(staged, village, 3)
    round_id = (await start(stage))["round_id"]
    await signed(stage, round_id, [listed(one)])
    await hand_in(stage, round_id, [listed(person(9))], "一（2）班")
    await close(stage, round_id)
    assert await report(stage, round_id) == []
    path = f"{ROUNDS}/{round_id}/schools"
    answer = await stage.ask("GET", path, Role.COUNTY, purpose="supervision")
    (school,) = answer.json()["schools"]
    assert (school["finished"], school["records"], school["listed"]) == (False, 3, 1)


async def test_who_is_back_as_recorded_ends_the_mismatch_and_what_was_decided_stays_quiet(
    staged: Staged, village: Village
) -> None:
    stage, (one, two) = await with_children(staged, village, 2)
    first = (await start(stage))["round_id"]
    await signed(stage, first, [listed(one), listed(two)], (1, "left"), (2, "left"))
    await close(stage, first)
    by_name = {problem["name"]: problem["problem_id"] for problem in await problems(stage)}
    decided = by_name[two.name]
    for what, role in (("proposal", Role.CLERK), ("confirmation", Role.LEADER)):
        body = EVIDENCE if what == "proposal" else None
        assert (await act(stage, decided, what, role, body))[0] == 200
    assert await act(stage, decided, "decision", Role.COUNTY, {}) == (200, "closed")
    stage.clock.advance(30 * DAY)
    answer = await stage.ask(
        "POST",
        ROUNDS,
        Role.COUNTY,
        purpose="supervision",
        json={"school_year": "2026-2027", "semester": 2},
    )
    second = answer.json()["round_id"]
    await signed(stage, second, [listed(one), listed(two)], (1, "present"), (2, "left"))
    await stage.work()
    assert await problems(stage) == []


async def test_a_school_past_its_day_becomes_its_countys_and_then_its_provinces(
    staged: Staged, village: Village
) -> None:
    stage, _ = await with_children(staged, village, 1)
    round_id = (await start(stage))["round_id"]
    owners = []
    for _ in range(3):
        stage.clock.advance(45 * DAY)
        await stage.work()
        path = f"{ROUNDS}/{round_id}/schools"
        answer = await stage.ask("GET", path, Role.COUNTY, purpose="supervision")
        (school,) = answer.json()["schools"]
        owners.append((school["owner"], school["overdue"]))
    assert owners == [
        (f"county:{COUNTY}", True),
        ("province:990000", True),
        ("province:990000", True),
    ]
    escalated = [e for e in await stage.entries() if e["action"] == "periodic.escalated"]
    assert [entry["outcome"] for entry in escalated] == [owner for owner, _ in owners[:2]]


async def test_temporary_numbers_that_grow_old_are_listed_without_the_number(
    staged: Staged, village: Village
) -> None:
    number = "L" + "999999202001019001"
    child = village.child(1, 学籍号=number)
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row()])
    await stage.work()
    stage.clock.advance(366 * DAY)
    round_id = (await start(stage))["round_id"]
    await stage.work()
    path = f"{ROUNDS}/{round_id}/temporary-numbers"
    answer = await stage.ask("GET", path, Role.COUNTY)
    (old,) = answer.json()["temporaries"]
    assert (old["name"], old["school"], old["days"]) == (child.name, SCHOOL, 366)
    assert number not in answer.text


async def test_the_workbook_holds_formulas_as_text(staged: Staged, village: Village) -> None:
    stage, (child, *_) = await with_children(staged, village, 1)
    round_id = (await start(stage))["round_id"]
    _, roster_id = await hand_in(stage, round_id, [listed(child)], "=1+1")
    await mark(stage, roster_id, (1, "left"), reason="@SUM(A1)")
    await confirm(stage, roster_id)
    await sign(stage, roster_id)
    answer = await stage.ask("GET", f"{ROUNDS}/{round_id}/report.xlsx", Role.COUNTY)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1" in sheet
    assert "@SUM(A1)" in sheet
    assert "<f>" not in sheet


async def test_a_school_that_takes_no_part_finds_nothing(staged: Staged, village: Village) -> None:
    stage, (child, *_) = await with_children(staged, village, 1)
    round_id = (await start(stage))["round_id"]
    roster_id = await signed(stage, round_id, [listed(child)])
    for path in (f"{ROUNDS}/{round_id}", f"/v1/periodic-rosters/{roster_id}"):
        told = await stage.ask("GET", path, Role.CLERK, institution=RIVAL)
        absent = await stage.ask("GET", path[:-4] + "0000", Role.CLERK, institution=RIVAL)
        assert (told.status_code, absent.status_code) == (404, 404)


async def test_a_process_that_dies_goes_on_behind_the_last_chunk(
    staged: Staged, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sweeping, rows):
        monkeypatch.setattr(module, "ROWS_A_CHUNK", 2)
    stage, _ = await with_children(staged, village, 5)
    begun = await start(stage)
    lane = wire_periodic_lanes(stage.ground, stage.systems)["periodic_sweep"]
    assert await lane.step() == 1
    (sweep,) = (await course(stage, begun["round_id"]))["comparisons"]
    assert (sweep["gathered"], sweep["state"]) == (2, "gathering")
    await stage.work()
    (sweep,) = (await course(stage, begun["round_id"]))["comparisons"]
    assert (sweep["gathered"], sweep["state"]) == (5, "done")
