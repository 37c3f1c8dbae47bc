"""What opens a record, what joins it, what ends it, and what stays quiet once it was decided."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.verification.problems.findings import Judged, note_verdicts, problems
from gateway.verification.problems.tables import problem_findings
from tests.intake.stage import Stage
from tests.intake.village import Village
from tests.verification.problems.actors import act, bring_to_county, listed, read
from tests.verification.problems.conftest import Staged

DAY = 86_400.0
NAME, OTHER = "claim-one", "claim-two"


async def with_a_child(staged: Staged, village: Village) -> tuple[Stage, Judged]:
    """A matched child, and an answer about it to be changed at will."""
    child = village.child(1)
    stage = await staged(village)
    await stage.submit([child.row()])
    await stage.work()
    held = await stage.handover("1")
    who = (held.handover_id, held.key_id, held.school, held.area)
    return stage, Judged(*who, Outcome.NAME_MISMATCH, claim=NAME)


async def said(stage: Stage, *judged: Judged) -> list[str]:
    """The classes of the records that stand after these answers came, one text a record."""
    for one in judged:
        async with stage.ground.database.transaction() as connection:
            await note_verdicts(connection, [one], stage.clock.now())
        await stage.work()
    standing = await listed(stage)
    return ["+".join(c["problem_class"] for c in one["classes"]) for one in standing]


@pytest.mark.parametrize("outcome", [Outcome.MATCH, Outcome.NOT_APPLICABLE, Outcome.UNKNOWN])
async def test_what_is_no_problem_opens_nothing(
    staged: Staged, village: Village, outcome: Outcome
) -> None:
    stage, answer = await with_a_child(staged, village)
    assert await said(stage, replace(answer, outcome=outcome)) == []


async def test_what_is_found_later_joins_the_same_record_and_again_changes_nothing(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage, answer = await with_a_child(staged_on_each_engine, village)
    invalid = replace(answer, outcome=Outcome.INVALID_CLAIM)
    both = "document_invalid+document_name_mismatch"
    assert await said(stage, answer, invalid, answer, invalid) == [both]
    (problem,) = await listed(stage)
    seen, _ = await read(stage, problem["problem_id"], Role.CLERK)
    assert [step["event"] for step in seen["history"]] == ["open", "join"]
    async with stage.ground.database.reading() as connection:
        outcomes = await problems(connection, [answer.subject_id])
    assert outcomes == {answer.subject_id: (Outcome.INVALID_CLAIM, Outcome.NAME_MISMATCH)}


async def test_only_a_match_of_the_same_claim_ends_a_mismatch(
    staged: Staged, village: Village
) -> None:
    stage, answer = await with_a_child(staged, village)
    match = replace(answer, outcome=Outcome.MATCH)
    assert await said(stage, answer, replace(match, claim=OTHER)) == ["document_name_mismatch"]
    assert await said(stage, replace(answer, outcome=Outcome.UNKNOWN)) == ["document_name_mismatch"]
    assert await said(stage, match) == []


async def test_a_match_ends_no_death_mark(staged: Staged, village: Village) -> None:
    stage, answer = await with_a_child(staged, village)
    dead = replace(answer, outcome=Outcome.DECEASED)
    assert await said(stage, dead, replace(answer, outcome=Outcome.MATCH)) == ["death_mark"]


async def test_what_was_decided_stays_quiet_for_a_semester_unless_the_claim_is_another(
    staged: Staged, village: Village
) -> None:
    stage, answer = await with_a_child(staged, village)
    await said(stage, answer)
    (problem,) = await listed(stage)
    await bring_to_county(stage, problem["problem_id"])
    decided = await act(stage, problem["problem_id"], "decision", Role.COUNTY, {})
    assert decided == (200, "closed")
    assert await said(stage, answer) == []
    stage.clock.advance(182 * DAY)
    assert await said(stage, answer) == []
    assert await said(stage, replace(answer, claim=OTHER)) == ["document_name_mismatch"]
    await said(stage, replace(answer, claim=OTHER, outcome=Outcome.MATCH))
    stage.clock.advance(2 * DAY)
    assert await said(stage, answer) == ["document_name_mismatch"]


async def test_what_a_remedy_does_not_settle_begins_a_record_of_its_own(
    staged: Staged, village: Village
) -> None:
    stage, answer = await with_a_child(staged, village)
    await said(stage, answer)
    (problem,) = await listed(stage)
    async with stage.ground.database.transaction() as connection:
        row = (await connection.execute(select(problem_findings))).one()
        changed = row._asdict() | {"problem_class": "document_changed"}
        await connection.execute(problem_findings.insert(), changed)
    await bring_to_county(stage, problem["problem_id"])
    await act(stage, problem["problem_id"], "decision", Role.COUNTY, {})
    await stage.work()
    (left,) = await listed(stage)
    assert left["problem_id"] != problem["problem_id"]
    assert [one["problem_class"] for one in left["classes"]] == ["document_changed"]
