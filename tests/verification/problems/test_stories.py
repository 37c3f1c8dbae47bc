"""Stories of one problem record from its opening to its end, over the doors."""

from adapters.population.nciic.contract import CHECK
from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.verification.problems.findings import Judged, note_verdicts
from tests.intake.stage import Stage
from tests.intake.village import COUNTY, SCHOOL, Child, Village, person
from tests.verification.problems.actors import EVIDENCE, act, bring_to_county, listed, read
from tests.verification.problems.conftest import Staged

DAY = 86_400.0


async def with_wrong_name(staged: Staged, village: Village) -> tuple[Stage, Child, str]:
    """A child whose name the register writes otherwise, and its problem record."""
    child = village.child(1)
    village.population[0]["XM"] = "别名"
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    (problem,) = await listed(stage)
    return stage, child, problem["problem_id"]


async def test_a_mismatch_opens_one_record_at_the_school(staged: Staged, village: Village) -> None:
    stage, child, problem_id = await with_wrong_name(staged, village)
    seen, _ = await read(stage, problem_id, Role.CLERK)
    assert [one["problem_class"] for one in seen["classes"]] == ["document_name_mismatch"]
    assert (seen["state"], seen["owner"], seen["due_on"]) == (
        "open",
        f"school:{SCHOOL}",
        "2026-09-17",
    )
    assert seen["particulars"]["name"] == child.name
    assert seen["acts"] == ["propose"]
    (line,) = await listed(stage, Role.CLERK)
    assert line["problem_id"] == problem_id
    handover = await stage.handover("1")
    path = f"/v1/handovers/{handover.handover_id}"
    assert (await stage.ask("GET", path, Role.CLERK)).json()["problems"] == ["NAME_MISMATCH"]


async def test_evidence_closes_it_and_the_night_does_not_open_it_again(
    staged: Staged, village: Village
) -> None:
    stage, _, problem_id = await with_wrong_name(staged, village)
    await bring_to_county(stage, problem_id)
    assert await act(stage, problem_id, "decision", Role.COUNTY, {}) == (200, "closed")
    seen, _ = await read(stage, problem_id, Role.CLERK)
    assert seen["resolution"] == "evidence"
    assert [step["event"] for step in seen["history"]] == ["open", "propose", "confirm", "accept"]
    stage.clock.advance(1 * DAY)
    await stage.work()
    assert await listed(stage) == []


async def test_proposer_and_confirmer_are_two_persons_and_the_version_counts(
    staged: Staged, village: Village
) -> None:
    stage, _, problem_id = await with_wrong_name(staged, village)
    _, old = await read(stage, problem_id, Role.LEADER)
    assert await act(stage, problem_id, "proposal", Role.CLERK, EVIDENCE) == (200, "proposed")
    same = await act(stage, problem_id, "confirmation", Role.LEADER, user="clerk.zhang")
    assert same == (409, "same_person")
    path = f"/v1/problems/{problem_id}/confirmation"
    assert (await stage.ask("POST", path, Role.LEADER)).status_code == 428
    assert (await stage.ask("POST", path, Role.LEADER, if_match=old)).status_code == 412
    assert await act(stage, problem_id, "rejection", Role.LEADER, {"remark": "缺户口簿"}) == (
        200,
        "open",
    )
    seen, _ = await read(stage, problem_id, Role.CLERK)
    assert seen["history"][-1]["remark"] == "缺户口簿"


async def test_a_change_is_compared_before_the_leader_sees_it_and_verified_afterwards(
    staged: Staged, village: Village
) -> None:
    stage, _, problem_id = await with_wrong_name(staged, village)
    wrong = _change({"name": "又一名"})
    assert await act(stage, problem_id, "proposal", Role.CLERK, wrong) == (200, "checking")
    await stage.work()
    seen, _ = await read(stage, problem_id, Role.CLERK)
    assert (seen["state"], seen["history"][-1]["reason"]) == ("open", "NAME_MISMATCH")
    right = _change({"name": "别名"})
    assert await act(stage, problem_id, "proposal", Role.CLERK, right) == (200, "checking")
    await stage.work()
    seen, _ = await read(stage, problem_id, Role.LEADER)
    assert (seen["state"], seen["proposal"]["change"]["name"]) == ("proposed", "别名")
    assert await act(stage, problem_id, "confirmation", Role.LEADER) == (200, "at_county")
    assert await act(stage, problem_id, "decision", Role.COUNTY, {}) == (200, "changing")
    await stage.work()
    seen, _ = await read(stage, problem_id, Role.CLERK)
    assert (seen["state"], seen["resolution"]) == ("closed", "changed")
    assert seen["particulars"]["name"] == "别名"


async def test_a_change_to_what_cannot_be_or_is_the_same_comes_back_at_once(
    staged: Staged, village: Village
) -> None:
    stage, child, problem_id = await with_wrong_name(staged, village)
    number = _change({"document_kind": "1", "document_number": "99999920200101123X"})
    assert await act(stage, problem_id, "proposal", Role.CLERK, number) == (200, "open")
    seen, _ = await read(stage, problem_id, Role.CLERK)
    assert seen["history"][-1]["event"] == "fail_check"
    assert seen["history"][-1]["reason"] == "INVALID_CLAIM"
    same = await act(stage, problem_id, "proposal", Role.CLERK, _change({"name": child.name}))
    assert same == (422, "nothing_changed")


async def test_a_number_not_on_file_is_asked_again_weekly_until_it_matches(
    staged: Staged, village: Village
) -> None:
    child = village.child(1)
    village.population[0]["GMSFHM"] = person(77).document
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    (problem,) = await listed(stage)
    assert problem["classes"][0]["problem_class"] == "document_not_on_file"
    asked = []
    for days in (6, 2, 6):
        stage.clock.advance(days * DAY)
        await stage.work()
        asked.append(len(await stage.requests("population", CHECK)))
    assert asked == [1, 2, 2]
    assert [one["problem_id"] for one in await listed(stage)] == [problem["problem_id"]]
    await stage.change("population", {"XM": child.name}, {"GMSFHM": child.document})
    stage.clock.advance(2 * DAY)
    await stage.work()
    assert await listed(stage) == []
    seen, _ = await read(stage, problem["problem_id"], Role.CLERK)
    assert (seen["state"], seen["resolution"]) == ("closed", "cleared")
    assert [step["event"] for step in seen["history"]] == ["open", "clear"]


async def test_only_offices_know_of_a_death_mark(staged: Staged, village: Village) -> None:
    stage, _, problem_id = await with_wrong_name(staged, village)
    await _mark(stage)
    of_county = {one["problem_id"]: one for one in await listed(stage)}
    (mark,) = [one for one in of_county.values() if one["confidential"]]
    assert (mark["state"], mark["owner"]) == ("at_county", f"county:{COUNTY}")
    for role in (Role.CLERK, Role.LEADER):
        assert [one["problem_id"] for one in await listed(stage, role)] == [problem_id]
        path = f"/v1/problems/{mark['problem_id']}"
        hidden = await stage.ask("GET", path, role)
        absent = await stage.ask("GET", "/v1/problems/" + "0" * 32, role)
        assert hidden.status_code == absent.status_code == 404
    closing = {"resolution": "unfounded", "remark": "与公安核实，非本人"}
    assert await act(stage, mark["problem_id"], "closure", Role.COUNTY, closing) == (200, "closed")


async def test_nobody_takes_another_roles_turn(staged: Staged, village: Village) -> None:
    stage, _, problem_id = await with_wrong_name(staged, village)
    early = await act(stage, problem_id, "decision", Role.COUNTY, {})
    assert early == (409, "not_allowed")
    unsuitable = {**EVIDENCE, "remedy": "change"}
    answer = await stage.ask(
        "POST", f"/v1/problems/{problem_id}/proposal", Role.CLERK, if_match='"x"', json=unsuitable
    )
    assert answer.status_code == 422
    path = f"/v1/problems/{problem_id}/proposal"
    assert (await stage.ask("POST", path, Role.COUNTY, json=EVIDENCE)).status_code == 404


async def test_an_overdue_record_goes_up_its_owners_line(staged: Staged, village: Village) -> None:
    stage, _, problem_id = await with_wrong_name(staged, village)
    owners = []
    for _ in range(3):
        seen, _ = await read(stage, problem_id, Role.COUNTY)
        owners.append(seen["owner"])
        stage.clock.advance(25 * DAY)
        await stage.work()
    assert owners == [f"school:{SCHOOL}", f"county:{COUNTY}", "province:990000"]
    escalated = [one for one in await stage.entries() if one["action"] == "problem.escalated"]
    assert [one["outcome"] for one in escalated][:2] == owners[1:]


async def test_every_step_is_evidence_and_no_entry_names_the_child(
    staged: Staged, village: Village
) -> None:
    stage, child, problem_id = await with_wrong_name(staged, village)
    await bring_to_county(stage, problem_id)
    await act(stage, problem_id, "decision", Role.COUNTY, {"remark": "同意"})
    entries = [one for one in await stage.entries() if one["object"] == problem_id]
    steps = [one["action"] for one in entries if one["action"].startswith("problem.")]
    assert steps == [
        "problem.opened",
        "problem.proposed",
        "problem.confirmed",
        "problem.decided",
    ]
    assert all(len(one["subjects"]) == 1 for one in entries if one["action"].startswith("problem."))
    assert child.name not in str(entries)


def _change(fields: dict[str, str]) -> dict[str, object]:
    return {**EVIDENCE, "remedy": "change", "change": fields}


async def _mark(stage: Stage) -> None:
    handover = await stage.handover("1")
    who = (handover.handover_id, handover.key_id, handover.school, handover.area)
    async with stage.ground.database.transaction() as connection:
        await note_verdicts(connection, [Judged(*who, Outcome.DECEASED)], stage.clock.now())
    await stage.work()
