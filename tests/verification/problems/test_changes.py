"""What an accepted change leaves behind: no match kept, no new finding of what it put aside."""

from adapters.population.nciic.contract import CHECK
from contracts.capabilities import Claim
from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.sealing import load_keys
from gateway.verification.claims import index_claim
from gateway.verification.problems.findings import GATHER, Judged, note_verdicts
from gateway.verification.query import Request
from gateway.wiring.verification import wire_positives, wire_requesting
from tests.intake.stage import Stage
from tests.intake.village import RIVAL, Child, Village
from tests.verification.problems.actors import EVIDENCE, act, listed, read
from tests.verification.problems.conftest import Staged

DAY = 86_400.0
REGISTERED = "别名"
CHANGE = {**EVIDENCE, "remedy": "change", "change": {"name": REGISTERED}}


async def before_the_county(
    staged: Staged, village: Village, **intake: object
) -> tuple[Stage, Child, str]:
    """A child whose name the register writes otherwise, and its change up for decision."""
    child = village.child(1)
    village.population[0]["XM"] = REGISTERED
    stage = await staged(village, **intake)
    await stage.submit([child.row()])
    await stage.work()
    (problem,) = await listed(stage)
    problem_id = problem["problem_id"]
    assert await act(stage, problem_id, "proposal", Role.CLERK, CHANGE) == (200, "checking")
    await stage.work()
    assert await act(stage, problem_id, "confirmation", Role.LEADER) == (200, "at_county")
    return stage, child, problem_id


async def choose_the_record(stage: Stage) -> None:
    """The clerk finds the record under its former name and says that it is the child's."""
    path = f"/v1/handovers/{(await stage.handover('1')).handover_id}"
    (found,) = (await stage.ask("GET", path, Role.CLERK)).json()["candidates"]
    chosen = {"record_id": found["record_id"]}
    answer = await stage.ask("POST", f"{path}/choice", Role.CLERK, json=chosen)
    assert answer.status_code == 200, answer.text


async def told_again(stage: Stage, child: Child) -> None:
    """Let the register say of the former name what it said before."""
    held = await stage.handover("1")
    claim = index_claim(Claim(child.document, child.name), stage.ground.sealer)
    who = (held.handover_id, held.key_id, held.school, held.area)
    async with stage.ground.database.transaction() as connection:
        judged = [Judged(*who, Outcome.NAME_MISMATCH, claim)]
        await note_verdicts(connection, judged, stage.clock.now())
    await stage.work()


async def ask_about_the_former_name(stage: Stage, child: Child) -> None:
    """Have the particulars verified that a register still holds, as looking the child up would."""
    held, ground = await stage.handover("1"), stage.ground
    identity = ground.crosswalks.admission_list.identity(child.row())
    async with ground.database.transaction() as connection:
        keys = await load_keys(connection, [held.key_id], ground.sealer)
        asked = Request(
            subject_id=held.handover_id,
            key_id=held.key_id,
            key=keys[held.key_id],
            school=held.school,
            area=held.area,
            trace_id="t",
            identity=identity,
            wake=GATHER,
        )
        requesting = wire_requesting(ground, stage.systems)
        await requesting.request(connection, [asked], stage.clock.now())


async def test_a_decided_change_clears_the_match_that_was_kept_of_the_number(
    staged: Staged, village: Village
) -> None:
    stage, child, problem_id = await before_the_county(staged, village)
    kept, claim = wire_positives(stage.ground), Claim(child.document, REGISTERED)
    async with stage.ground.database.transaction() as connection:
        await kept.keep(connection, [(claim, "call-1", None)])
        assert len(await kept.recall(connection, [claim])) == 1
    assert await act(stage, problem_id, "decision", Role.COUNTY, {}) == (200, "changing")
    async with stage.ground.database.transaction() as connection:
        assert await kept.recall(connection, [claim]) == {}


async def test_a_change_to_what_another_child_has_never_reaches_the_leader_or_the_register(
    staged: Staged, village: Village
) -> None:
    child, other = village.child(1), village.child(2)
    village.population[0]["XM"] = REGISTERED
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.submit([other.row()], school=RIVAL)
    await stage.work()
    (problem,) = await listed(stage)
    taken = {"document_kind": "1", "document_number": other.document}
    change = {**EVIDENCE, "remedy": "change", "change": taken}
    asked = len(await stage.requests("population", CHECK))
    named = (stage, problem["problem_id"])
    assert await act(*named, "proposal", Role.CLERK, change) == (200, "open")
    seen, _ = await read(*named, Role.CLERK)
    assert [(step["event"], step["reason"]) for step in seen["history"]][-1] == (
        "fail_check",
        "duplicate",
    )
    await stage.work()
    assert len(await stage.requests("population", CHECK)) == asked
    assert (await act(*named, "confirmation", Role.LEADER))[0] == 409


async def test_the_register_that_still_holds_the_former_name_opens_nothing_for_a_while(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage, child, problem_id = await before_the_county(staged_on_each_engine, village)
    assert await act(stage, problem_id, "decision", Role.COUNTY, {}) == (200, "changing")
    await stage.work()
    assert await stage.situations() == {"1": "held:to_confirm"}
    await choose_the_record(stage)
    await stage.work()
    assert await stage.situations() == {"1": "offered"}
    assert len(await stage.requests("population", CHECK)) == 4, "the former name was asked again"
    assert await listed(stage) == []
    stage.clock.advance((stage.ground.settings.problems.quiet_days + 1) * DAY)
    await told_again(stage, child)
    (opened,) = await listed(stage)
    assert [one["problem_class"] for one in opened["classes"]] == ["document_name_mismatch"]


async def test_a_change_is_not_refuted_by_what_was_asked_of_the_former_name_meanwhile(
    staged: Staged, village: Village
) -> None:
    stage, child, problem_id = await before_the_county(staged, village, automatic_acceptance=True)
    assert await act(stage, problem_id, "decision", Role.COUNTY, {}) == (200, "changing")
    assert await stage.situations() == {"1": "carried"}, "nobody looks it up again"
    await ask_about_the_former_name(stage, child)
    await stage.work()
    path = f"/v1/problems/{problem_id}"
    seen = (await stage.ask("GET", path, Role.COUNTY)).json()
    assert (seen["state"], seen["resolution"]) == ("closed", "changed")
    assert await listed(stage) == []
