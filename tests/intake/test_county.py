"""What the county does: approves and returns, awards a contested child, settles a death mark."""

import pytest
from sqlalchemy import update

from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.verification.problems.findings import Judged, note_verdicts
from gateway.verification.tables import verifications
from tests.intake.conftest import Staged
from tests.intake.stage import OFFICE, Stage
from tests.intake.test_choosing import address
from tests.intake.test_confirming import tag
from tests.intake.test_reversing import carried, reverse
from tests.intake.village import (
    COUNTY,
    ELSEWHERE,
    OTHER_COUNTY,
    RIVAL,
    SCHOOL,
    Village,
)


async def act(
    stage: Stage, verb: str, role: Role = Role.COUNTY, body: object = None, school: str = SCHOOL
) -> tuple[int, str]:
    """Status, and the state the child is in after it or the code of the refusal."""
    path = f"{await address(stage, school=school)}/{verb}"
    answer = await stage.ask("POST", path, role, json=body)
    document = answer.json()
    faults = document.get("errors") or [{"code": document.get("state", "")}]
    return answer.status_code, faults[0]["code"]


async def decide(stage: Stage, decision: str, school: str = SCHOOL) -> tuple[int, str]:
    return await act(stage, "decision", body={"decision": decision}, school=school)


async def test_where_the_county_approves_a_carried_child_is_its_turn(
    staged: Staged, village: Village
) -> None:
    stage = await carried(staged, village, county_approval="each")
    handover = await stage.handover("1")
    assert (handover.owner, handover.due_on) == (f"county:{COUNTY}", "2026-09-17")
    assert await act(stage, "approval") == (200, "registered")
    assert await reverse(stage) == (409, "registered")


async def test_a_returned_child_is_handed_in_again_with_the_reason_read(
    staged: Staged, village: Village
) -> None:
    stage = await carried(staged, village, county_approval="each")
    assert await act(stage, "return", body={"reason": "班级未填"}) == (200, "returned")
    view = (await stage.ask("GET", await address(stage), Role.CLERK)).json()
    assert (view["return_reason"], view["owner"]) == ("班级未填", f"school:{SCHOOL}")
    assert await act(stage, "approval") == (409, "not_allowed")
    assert await act(stage, "resubmission", Role.CLERK) == (200, "carried")
    assert await act(stage, "approval") == (200, "registered")
    assert not any("班级未填" in str(entry) for entry in await stage.entries())


@pytest.mark.parametrize("decided", ["approval", "return"])
async def test_the_county_takes_its_decision_back(
    staged: Staged, village: Village, decided: str
) -> None:
    stage = await carried(staged, village, county_approval="batch")
    await act(stage, decided, body={"reason": "误退"} if decided == "return" else None)
    assert await act(stage, "approval/undo") == (200, "carried")
    assert await act(stage, "approval/undo") == (409, "not_allowed")
    assert (await reverse(stage))[0] == 202


async def test_a_returned_child_can_be_reversed(staged: Staged, village: Village) -> None:
    stage = await carried(staged, village, county_approval="each")
    await act(stage, "return", body={"reason": "误招"})
    assert (await reverse(stage))[0] == 202
    assert await act(stage, "resubmission", Role.CLERK) == (409, "reversing")
    await stage.work()
    assert await stage.situations() == {"1": "reversed"}


@pytest.mark.parametrize(
    ("setting", "one", "many"),
    [
        ("off", "approval_off", "approval_off"),
        ("batch", "registered", "registered"),
        ("each", "registered", "one_by_one"),
    ],
)
async def test_the_county_approves_as_its_setting_says(
    staged: Staged, village: Village, setting: str, one: str, many: str
) -> None:
    children = [village.child(serial) for serial in (1, 2, 3)]
    stage = await staged(village, automatic_acceptance=True, county_approval=setting)
    await stage.submit([child.row() for child in children])
    await stage.work()
    ids = [(await stage.handover(row)).handover_id for row in ("2", "3")]
    answer = await stage.ask("POST", "/v1/handovers/approvals", Role.COUNTY, json={"rows": ids})
    told = answer.json()
    states = told.get("rows") or [{"state": fault["code"]} for fault in told["errors"]]
    assert {row["state"] for row in states} == {many}
    assert (await act(stage, "approval"))[1] == one


async def contested(
    staged: Staged, village: Village, rival: str = RIVAL, **settings: bool
) -> Stage:
    """One child that the rival claimed first and our school claims too."""
    child = village.child(1)
    stage = await staged(village, **settings)
    area = OTHER_COUNTY if rival == ELSEWHERE else COUNTY
    await stage.submit([child.row()], rival, area=area)
    await stage.work()
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "held:claimed_elsewhere"}
    return stage


async def test_a_contested_child_is_awarded_to_one_school_and_the_other_is_held(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage = await contested(staged_on_each_engine, village)
    path, etag = f"{await address(stage, school=RIVAL)}", ""
    etag = (await stage.ask("GET", path, Role.CLERK, institution=RIVAL)).headers["ETag"]
    proposal = f"{path}/proposal"
    await stage.ask("POST", proposal, Role.CLERK, institution=RIVAL, if_match=etag)
    assert await decide(stage, "award") == (200, "searching")
    late = await stage.ask(
        "POST", f"{path}/confirmation", Role.LEADER, institution=RIVAL, if_match=etag
    )
    assert late.status_code == 409
    await stage.work()
    assert await stage.situations() == {"1": "offered"}
    assert await stage.situations(RIVAL) == {"1": "held:claimed_elsewhere"}
    decided = [e for e in await stage.entries() if e["action"] == "handover.decided"]
    assert {e["outcome"]: e["actor"] for e in decided} == {
        "awarded": OFFICE,
        "awarded_elsewhere": OFFICE,
    }


async def test_a_child_the_other_school_has_carried_is_not_awarded(
    staged: Staged, village: Village
) -> None:
    stage = await contested(staged, village, automatic_acceptance=True)
    assert await stage.situations(RIVAL) == {"1": "carried"}
    assert await decide(stage, "award") == (409, "carried_elsewhere")


async def test_a_school_of_another_county_is_for_the_office_above(
    staged: Staged, village: Village
) -> None:
    stage = await contested(staged, village, rival=ELSEWHERE)
    assert await decide(stage, "award") == (409, "other_office")
    path = f"{await address(stage)}/decision"
    province = await stage.ask(
        "POST",
        path,
        Role.PROVINCE,
        user="province.zhao",
        purpose="arbitration",
        json={"decision": "award"},
    )
    assert province.status_code == 200
    await stage.work()
    assert await stage.situations() == {"1": "offered"}
    assert await stage.situations(ELSEWHERE) == {"1": "held:claimed_elsewhere"}


async def test_a_conflict_in_the_register_alone_leaves_nothing_to_award(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.pupil(child, ELSEWHERE, 审核状态="待核准")
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    assert await stage.situations() == {"1": "held:claimed_elsewhere"}
    assert await decide(stage, "award") == (409, "nothing_to_award")


async def test_only_a_contested_child_is_awarded(staged: Staged, village: Village) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    assert await decide(stage, "award") == (409, "not_allowed")
    assert await decide(stage, "clear_identity") == (409, "not_allowed")


async def test_a_hold_is_looked_at_again_when_the_county_says_so(
    staged: Staged, village: Village
) -> None:
    child = village.child(1, "在园")
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    before = len(await stage.requests("preschool", "query"))
    assert await decide(stage, "look_again") == (200, "searching")
    await stage.work()
    assert await stage.situations() == {"1": "held:not_graduated"}
    assert len(await stage.requests("preschool", "query")) > before


async def test_a_row_that_is_wrong_is_not_looked_up_by_decree(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row(身份证件号="999999202001010119")])
    await stage.work()
    assert await stage.situations() == {"1": "held:data_error"}
    assert await decide(stage, "look_again") == (409, "not_allowed")


async def test_a_child_in_the_other_school_is_offered_again_after_the_offer_was_refused(
    staged: Staged, village: Village
) -> None:
    stage = await contested(staged, village)
    await decide(stage, "award")
    await stage.work()
    path, etag = await tag(stage)
    assert etag
    await stage.ask("POST", f"{path}/withdrawal", Role.CLERK, json={"reason": "已转往他校"})
    await stage.work()
    assert await stage.situations(RIVAL) == {"1": "offered"}


async def die(stage: Stage, row: str = "1") -> None:
    """Let the answer to a child's verification be a death mark, as some registers report it."""
    handover = await stage.handover(row)
    async with stage.ground.database.transaction() as connection:
        await connection.execute(
            update(verifications)
            .where(verifications.c.subject_id == handover.handover_id)
            .values(outcome=Outcome.DECEASED.value)
        )


async def test_a_death_mark_holds_until_the_county_has_settled_it_for_good(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    await die(stage)
    await decide(stage, "look_again")
    await stage.work()
    assert await stage.situations() == {"1": "held:identity_review"}
    assert (await stage.handover("1")).owner == f"county:{COUNTY}"
    assert await act(stage, "decision", Role.CLERK, {"decision": "clear_identity"}) == (404, "")
    assert await decide(stage, "clear_identity") == (200, "searching")
    await stage.work()
    assert await stage.situations() == {"1": "offered"}
    await decide(stage, "look_again")
    await stage.work()
    assert await stage.situations() == {"1": "offered"}


async def test_only_the_offices_see_a_death_mark(staged: Staged, village: Village) -> None:
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    handover = await stage.handover("1")
    async with stage.ground.database.transaction() as connection:
        who = (handover.handover_id, handover.key_id, handover.school, handover.area)
        await note_verdicts(connection, [Judged(*who, Outcome.DECEASED)], stage.clock.now())
    path = await address(stage)
    seen = {}
    for role in (Role.CLERK, Role.LEADER, Role.COUNTY):
        seen[role] = (await stage.ask("GET", path, role)).json()["problems"]
    assert seen == {Role.CLERK: [], Role.LEADER: [], Role.COUNTY: ["DECEASED"]}
