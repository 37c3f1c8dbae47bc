"""A notice that was wrong, late, or overtaken: taken back, sent up the line, proposed again."""

import asyncio

import pytest

from gateway.access.vocabulary import Role
from tests.intake.village import COUNTY, OTHER_COUNTY, RIVAL, Village, person
from tests.verification.notices.conftest import Staged
from tests.verification.notices.test_stories import (
    NEW_NAME,
    NOTICES,
    act,
    confirmed,
    corrections,
    name_of,
    read,
    send,
    told,
    with_a_child,
    withdraw,
)
from tests.verification.problems.actors import listed as problems

DAY = 86_400.0


async def test_an_undecided_notice_that_is_taken_back_can_be_carried_out_no_more(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged_on_each_engine, village)
    _, receipt = await send(
        stage,
        told(child, "renumbered", new_number=person(8).document),
        told(person(77), "restored"),
    )
    await stage.work()
    (problem,) = await problems(stage)
    assert [one["problem_class"] for one in problem["classes"]] == ["document_changed"]
    assert await withdraw(stage, receipt["receipt_id"], places=[1]) == (200, 1)
    assert await withdraw(stage, receipt["receipt_id"], places=[1]) == (200, 1), "once more"
    await stage.work()
    (correction,) = await corrections(stage)
    assert (correction["state"], correction["owner"]) == ("withdrawn", "end")
    named = (stage, correction["correction_id"])
    assert await act(*named, "proposal", "office.wang") == (409, "not_allowed")
    assert await problems(stage) == []
    actions = [one["action"] for one in await stage.entries()]
    assert actions.count("notice.withdrawn") == 1


@pytest.mark.parametrize(
    ("kind", "changed"), [("renamed", {"new_name": NEW_NAME}), ("cancelled", {}), ("restored", {})]
)
async def test_what_was_carried_out_is_undone_by_two_persons_again(
    staged: Staged, village: Village, kind: str, changed: dict[str, str]
) -> None:
    stage, child = await with_a_child(staged, village)
    if kind == "restored":
        await send(stage, told(child, "cancelled"))
        await confirmed(stage, (await corrections(stage))[0]["correction_id"])
    before = await name_of(stage), len(await problems(stage))
    _, receipt = await send(stage, told(child, kind, **changed))
    await confirmed(stage, (await corrections(stage))[-1]["correction_id"])
    after = await name_of(stage), len([p for p in await problems(stage) if p["confidential"]])
    assert after != before
    assert await withdraw(stage, receipt["receipt_id"]) == (200, 1)
    opposite = (await corrections(stage))[-1]
    seen, _ = await read(stage, opposite["correction_id"])
    assert (seen["state"], seen["takes_back"]) == ("quarantined", True)
    await confirmed(stage, opposite["correction_id"])
    assert (await name_of(stage), len(await problems(stage))) == before
    assert await withdraw(stage, receipt["receipt_id"]) == (200, 1)
    assert len(await corrections(stage)) == 2 + (kind == "restored"), "it is undone once"


async def test_only_the_unit_that_told_takes_back_and_learns_of_nothing_it_met(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    _, met = await send(stage, told(child, new_name=NEW_NAME))
    _, missed = await send(stage, told(person(77), new_name=NEW_NAME))
    path, body = f"{NOTICES}/{met['receipt_id']}/withdrawal", {"remark": "x"}
    who = {"purpose": "population", "institution": RIVAL, "area": OTHER_COUNTY}
    other = await stage.ask("POST", path, Role.PUBLIC_SECURITY, json=body, **who)
    assert other.status_code == 404
    assert await withdraw(stage, met["receipt_id"]) == (200, 1)
    assert await withdraw(stage, missed["receipt_id"]) == (200, 1)
    assert await withdraw(stage, missed["receipt_id"], places=[2]) == (404, 0)


async def test_a_restoration_ends_a_cancellation_nobody_has_decided_yet(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    await send(stage, told(child, "cancelled"))
    await send(stage, told(child, "restored"))
    cancelled, restored = await corrections(stage)
    assert await act(stage, cancelled["correction_id"], "proposal", "office.wang") == (
        200,
        "proposed",
    )
    seen, _ = await read(stage, restored["correction_id"])
    assert ("cancellation_withdrawn", cancelled["correction_id"]) in [
        (one["kind"], one["reference"]) for one in seen["effects"]
    ]
    await confirmed(stage, restored["correction_id"])
    late = await act(stage, cancelled["correction_id"], "confirmation", "office.qian")
    assert late == (409, "not_allowed")
    assert await problems(stage) == []


async def test_each_effect_happens_once_and_has_its_entry(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged_on_each_engine, village)
    await stage.change("population", {"GMSFHM": child.document}, {"XM": NEW_NAME})
    await send(stage, told(child, new_name=NEW_NAME))
    correction_id = (await corrections(stage))[0]["correction_id"]
    await act(stage, correction_id, "proposal", "office.wang")
    twice = await asyncio.gather(
        *(act(stage, correction_id, "confirmation", who) for who in ("office.qian", "office.sun"))
    )
    assert sorted(status for status, _ in twice)[0] == 200
    assert sorted(status for status, _ in twice)[1] in (409, 412)
    effects = [one for one in await stage.entries() if one["action"] == "notice.effect"]
    assert [one["outcome"] for one in effects] == [
        "record_changed",
        "number_kept",
        "matches_dropped",
        "verified_again",
    ]
    assert all(one["object"] == correction_id and one["subjects"] for one in effects)


async def test_a_chain_that_has_changed_since_is_proposed_again(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    await send(stage, told(child, "renumbered", new_number=person(8).document))
    named = (stage, (await corrections(stage))[0]["correction_id"])
    assert await act(*named, "proposal", "office.wang") == (200, "proposed")
    assert await act(*named, "proposal", "office.qian") == (409, "not_allowed")
    await stage.work()  # the record's problem is opened, which confirming would touch
    assert await act(*named, "confirmation", "office.qian") == (409, "chain_changed")
    assert await act(*named, "proposal", "office.wang") == (200, "proposed")
    assert await act(*named, "confirmation", "office.qian") == (200, "confirmed")


async def test_a_correction_past_its_day_goes_up_the_countys_line(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    await send(stage, told(child, new_name=NEW_NAME))
    (correction,) = await corrections(stage)
    assert (correction["owner"], correction["due_on"]) == (f"county:{COUNTY}", "2026-09-17")
    owners = []
    for _ in range(2):
        stage.clock.advance(25 * DAY)
        await stage.work()
        (correction,) = await corrections(stage)
        owners.append((correction["owner"], correction["escalations"]))
    assert owners == [("province:990000", 1), ("province:990000", 2)]
    escalated = [one for one in await stage.entries() if one["action"] == "notice.escalated"]
    assert [one["object"] for one in escalated] == [correction["correction_id"]] * 2
    await confirmed(stage, correction["correction_id"])
    stage.clock.advance(25 * DAY)
    await stage.work()
    assert (await corrections(stage))[0]["owner"] == "end", "what is decided waits for nobody"
