"""Reporting children one by one or many, taking it back, previews, and leaving the list."""

from gateway.access.vocabulary import Role
from gateway.sealing import destroy_key
from tests.intake.conftest import Staged
from tests.intake.stage import Stage
from tests.intake.test_choosing import address
from tests.intake.test_confirming import tag
from tests.intake.village import RIVAL, Village, person


async def report(stage: Stage, row: str, **told: object) -> tuple[int, str]:
    answer = await stage.ask("POST", f"{await address(stage, row)}/report", Role.CLERK, json=told)
    return answer.status_code, answer.json().get("state", "")


async def test_a_reported_child_is_looked_up_and_the_report_can_be_taken_back(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged_on_each_engine(village)
    await stage.submit([child.row(是否报到="")])
    await stage.work()
    assert await stage.situations() == {"1": "listed"}
    assert await report(stage, "1", reported=True, reported_on="2026-09-02") == (200, "searching")
    await stage.work()
    assert (await stage.handover("1")).reported_on == "2026-09-02"
    assert await report(stage, "1", reported=False) == (200, "listed")
    await stage.work()
    assert await stage.situations() == {"1": "listed"}
    reports = [e for e in await stage.entries() if e["action"] == "handover.reported"]
    assert [(e["case"], len(e["subjects"])) for e in reports] == [("case-1", 1)] * 2


async def test_many_are_reported_at_once_or_none(staged: Staged, village: Village) -> None:
    children = [village.child(serial) for serial in (1, 2, 3)]
    stage = await staged(village)
    await stage.submit([child.row(是否报到="否") for child in children])
    ids = [h.handover_id for h in (await stage.handovers()).values()]
    rows = [{"handover_id": i, "reported": True} for i in ids]
    path = "/v1/handovers/reports"
    twice = await stage.ask("POST", path, Role.CLERK, json={"rows": [*rows, rows[0]]})
    assert twice.json()["errors"][0] == {
        "code": "twice",
        "pointer": "#/rows/3",
        "detail": "同一名学生在本批中出现两次。",
        "detail_en": "The same child is named twice in this batch.",
    }
    assert set((await stage.situations()).values()) == {"listed"}
    assert (await stage.ask("POST", path, Role.CLERK, json={"rows": rows})).status_code == 200
    await stage.work()
    assert set((await stage.situations()).values()) == {"offered"}


async def test_a_report_is_not_taken_back_once_the_child_is_carried(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row()])
    await stage.work()
    status, _ = await report(stage, "1", reported=False)
    assert (status, await stage.situations()) == (409, {"1": "carried"})
    assert (await stage.handover("1")).reported is True


async def test_a_report_on_an_unconfirmed_list_counts_when_the_county_confirms(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    intake_id = await stage.submit([child.row(是否报到="")], by=Role.CLERK)
    assert await stage.situations() == {"1": "held:admission_unconfirmed"}
    assert (await report(stage, "1", reported=True))[0] == 200
    assert await stage.situations() == {"1": "held:admission_unconfirmed"}
    path = f"/v1/intakes/{intake_id}/confirmation"
    await stage.ask("POST", path, Role.COUNTY, json={"reference": "虚教〔2026〕2号"})
    await stage.work()
    assert await stage.situations() == {"1": "offered"}


async def test_the_countys_own_copy_of_a_list_confirms_it(staged: Staged, village: Village) -> None:
    rows = [village.child(1).row()]
    stage = await staged(village)
    intake_id = await stage.submit(rows, by=Role.CLERK)
    assert await stage.situations() == {"1": "held:admission_unconfirmed"}
    assert await stage.submit(rows, by=Role.COUNTY) == intake_id
    await stage.work()
    assert await stage.situations() == {"1": "offered"}


async def test_a_preview_tells_the_status_and_not_one_value(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stranger = person(2)
    stage = await staged(village)
    await stage.submit([child.row(是否报到=""), stranger.row(是否报到="")])
    await stage.work()
    shown = await stage.ask("GET", f"{await address(stage)}/preview", Role.CLERK)
    assert shown.json() == {
        "found": True,
        "grade": "exact",
        "status": "enrolled",
        "status_zh": "在园",
    }
    unknown = await stage.ask("GET", f"{await address(stage, '2')}/preview", Role.CLERK)
    assert unknown.json() == {"found": False, "grade": "none", "status": None, "status_zh": None}
    view = (await stage.ask("GET", await address(stage), Role.CLERK)).json()
    assert (view["number"], view["candidates"], view["offer"]) == (None, [], None)
    assert await stage.situations() == {"1": "listed", "2": "listed"}
    assert {e["action"] for e in await stage.entries()} >= {"search", "register.asked"}


async def test_a_preview_says_so_when_the_register_does_not_answer(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row(是否报到="")])
    await stage.set_fault("preschool", {"kind": "http_503"})
    shown = await stage.ask("GET", f"{await address(stage)}/preview", Role.CLERK)
    assert (shown.status_code, shown.json()["upstream_system"]) == (503, "preschool")


async def test_what_was_offered_before_is_not_shown_after_the_report_was_taken_back(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    await report(stage, "1", reported=False)
    view = await stage.ask("GET", await address(stage), Role.CLERK)
    assert child.number not in view.text
    assert "ETag" not in view.headers


async def test_a_child_off_the_list_may_be_claimed_by_another_school_at_once(
    staged_on_each_engine: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged_on_each_engine(village)
    await stage.submit([child.row()])
    await stage.work()
    await stage.submit([child.row()], RIVAL)
    await stage.work()
    assert await stage.situations(RIVAL) == {"1": "held:claimed_elsewhere"}
    path = f"{await address(stage)}/withdrawal"
    gone = await stage.ask("POST", path, Role.CLERK, json={"reason": "随父母迁往外县"})
    assert gone.json()["state"] == "withdrawn"
    await stage.work()
    assert await stage.situations(RIVAL) == {"1": "offered"}
    assert not any("随父母" in str(entry) for entry in await stage.entries())


async def test_a_report_taken_back_lets_the_other_school_go_on(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    await stage.submit([child.row()], RIVAL)
    await stage.work()
    await report(stage, "1", reported=False)
    await stage.work()
    assert await stage.situations(RIVAL) == {"1": "offered"}


async def test_a_list_that_takes_a_report_back_lets_the_other_school_go_on(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    await stage.submit([child.row()], RIVAL)
    await stage.work()
    await stage.submit([child.row(是否报到="否")])
    await stage.work()
    assert await stage.situations() == {"1": "listed"}
    assert await stage.situations(RIVAL) == {"1": "offered"}


async def test_a_confirmed_child_does_not_leave_the_list(staged: Staged, village: Village) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    path, etag = await tag(stage)
    await stage.ask("POST", f"{path}/proposal", Role.CLERK, if_match=etag)
    await stage.ask("POST", f"{path}/confirmation", Role.LEADER, if_match=etag)
    late = await stage.ask("POST", f"{path}/withdrawal", Role.CLERK, json={"reason": "误报"})
    assert late.json()["errors"][0]["code"] == "not_allowed"


async def test_who_left_the_list_cannot_be_reported_and_what_was_found_is_gone(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    path = await address(stage)
    await stage.ask("POST", f"{path}/withdrawal", Role.CLERK, json={"reason": "误列"})
    assert (await report(stage, "1", reported=True))[0] == 409
    view = (await stage.ask("GET", path, Role.CLERK)).json()
    assert (view["state"], view["candidates"]) == ("withdrawn", [])


async def test_an_erased_child_refuses_the_whole_batch(staged: Staged, village: Village) -> None:
    children = [village.child(1), village.child(2)]
    stage = await staged(village)
    await stage.submit([child.row(是否报到="") for child in children])
    ids = [h.handover_id for h in (await stage.handovers()).values()]
    async with stage.ground.database.transaction() as connection:
        await destroy_key(connection, ids[0], stage.clock.now())
    rows = [{"handover_id": i, "reported": True} for i in ids]
    answer = await stage.ask("POST", "/v1/handovers/reports", Role.CLERK, json={"rows": rows})
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["#/rows/0"]
    assert await stage.situations() == {"1": "listed", "2": "listed"}
    view = await stage.ask("GET", f"/v1/handovers/{ids[0]}", Role.CLERK)
    assert view.status_code == 404


async def test_an_erased_child_stops_no_list_and_comes_anew_with_the_next(
    staged: Staged, village: Village
) -> None:
    children = [village.child(1), village.child(2)]
    stage = await staged(village)
    intake_id = await stage.submit([child.row() for child in children], by=Role.CLERK)
    erased = await stage.handover("1")
    async with stage.ground.database.transaction() as connection:
        await destroy_key(connection, erased.key_id, stage.clock.now())
    path = f"/v1/intakes/{intake_id}/confirmation"
    answer = await stage.ask("POST", path, Role.COUNTY, json={"reference": "录取名册一"})
    assert answer.status_code == 200, answer.text
    await stage.submit([child.row(报到日期="2026-09-02") for child in children])
    await stage.work()
    found = await stage.handovers()
    assert {row: str(h.situation) for row, h in found.items()} == {"1": "offered", "2": "offered"}
    assert found["1"].handover_id != erased.handover_id
