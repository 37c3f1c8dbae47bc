"""What becomes of a notice: quarantine, a chain of effects, two persons, and only then a change."""

from typing import Any

import pytest

from contracts.capabilities import Claim
from gateway.access.vocabulary import Role
from gateway.intake.holding import Handovers
from gateway.wiring.verification import wire_positives
from tests.intake.stage import Stage
from tests.intake.village import OTHER_COUNTY, Child, Village, person
from tests.verification.notices.conftest import Staged
from tests.verification.problems.actors import listed as problems

NOTICES, CORRECTIONS = "/v1/identity-notices", "/v1/identity-corrections"
NEW_NAME = "新名"


def told(child: Child, kind: str = "renamed", **changed: str) -> dict[str, str]:
    return {"kind": kind, "citizen_number": child.document, "name": child.name} | changed


async def send(stage: Stage, *notices: dict[str, str], key: str = "") -> tuple[int, dict[str, Any]]:
    """What a unit is told."""
    answer = await stage.ask(
        "POST",
        NOTICES,
        Role.PUBLIC_SECURITY,
        purpose="population",
        json={"notices": list(notices)},
        more={"Idempotency-Key": key} if key else {},
    )
    return answer.status_code, answer.json()


async def corrections(stage: Stage, **office: str) -> list[dict[str, Any]]:
    answer = await stage.ask("GET", CORRECTIONS, Role.COUNTY, **office)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["corrections"]
    return found


async def withdraw(stage: Stage, receipt_id: str, **sent: Any) -> tuple[int, int]:
    """The status, and how many notices are taken back."""
    answer = await stage.ask(
        "POST",
        f"{NOTICES}/{receipt_id}/withdrawal",
        Role.PUBLIC_SECURITY,
        purpose="population",
        json={"remark": "发错了", **sent},
    )
    return answer.status_code, answer.json().get("received", 0)


async def read(stage: Stage, correction_id: str) -> tuple[dict[str, Any], str]:
    answer = await stage.ask("GET", f"{CORRECTIONS}/{correction_id}", Role.COUNTY)
    assert answer.status_code == 200, answer.text
    return answer.json(), answer.headers["ETag"]


async def act(
    stage: Stage, correction_id: str, what: str, user: str, body: object = None
) -> tuple[int, str]:
    _, etag = await read(stage, correction_id)
    path = f"{CORRECTIONS}/{correction_id}/{what}"
    answer = await stage.ask("POST", path, Role.COUNTY, user=user, if_match=etag, json=body)
    said = answer.json()
    if answer.status_code == 200:
        return 200, said["state"]
    return answer.status_code, (said.get("errors") or [{"code": ""}])[0]["code"]


async def confirmed(stage: Stage, correction_id: str) -> None:
    assert await act(stage, correction_id, "proposal", "office.wang") == (200, "proposed")
    assert await act(stage, correction_id, "confirmation", "office.qian") == (200, "confirmed")
    await stage.work()


async def with_a_child(staged: Staged, village: Village) -> tuple[Stage, Child]:
    child = village.child(1)
    stage = await staged(village, automatic_acceptance=True)
    await stage.submit([child.row()])
    await stage.work()
    return stage, child


async def name_of(stage: Stage) -> str:
    holdings = Handovers(stage.ground.sealer)
    subject_id = (await stage.handover("1")).handover_id
    async with stage.ground.database.reading() as connection:
        return (await holdings.open(connection, [subject_id]))[subject_id].identity.name


async def test_nothing_changes_before_two_persons_of_the_county_have_said_so(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged_on_each_engine, village)
    await stage.change("population", {"GMSFHM": child.document}, {"XM": NEW_NAME})
    assert (await send(stage, told(child, new_name=NEW_NAME)))[0] == 202
    await stage.work()
    (correction,) = await corrections(stage)
    assert (correction["state"], await name_of(stage)) == ("quarantined", child.name)
    correction_id = correction["correction_id"]
    kept, former = wire_positives(stage.ground), Claim(child.document, child.name)
    async with stage.ground.database.transaction() as connection:
        await kept.keep(connection, [(former, "call-1", None)])
    assert await act(stage, correction_id, "confirmation", "office.qian") == (409, "not_allowed")
    assert await act(stage, correction_id, "proposal", "office.wang") == (200, "proposed")
    assert await act(stage, correction_id, "confirmation", "office.wang") == (409, "same_person")
    assert await name_of(stage) == child.name
    assert await act(stage, correction_id, "confirmation", "office.qian") == (200, "confirmed")
    await stage.work()
    assert await name_of(stage) == NEW_NAME
    async with stage.ground.database.reading() as connection:
        assert await kept.recall(connection, [former]) == {}
    assert await problems(stage) == [], "the register knows the new name"
    actions = [entry["action"] for entry in await stage.entries()]
    assert [one for one in actions if one.startswith("notice.")] == [
        "notice.received",
        "notice.proposed",
        "notice.confirmed",
        *["notice.effect"] * 4,
    ]


async def test_the_chain_of_effects_is_shown_before_and_binds_the_decision(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    await send(stage, told(child, "renumbered", new_number=person(8).document))
    (correction,) = await corrections(stage)
    seen, _ = await read(stage, correction["correction_id"])
    assert [one["kind"] for one in seen["effects"]] == [
        "record_changed",
        "number_kept",
        "matches_dropped",
        "verified_again",
    ]
    assert seen["new_number"] == person(8).document
    holder = village.child(8)
    await stage.submit([holder.row()])
    await stage.work()
    seen, _ = await read(stage, correction["correction_id"])
    assert seen["effects"][-1]["kind"] == "number_held"
    refused = await act(stage, correction["correction_id"], "proposal", "office.wang")
    assert refused == (409, "number_held")


async def test_a_cancelled_entry_is_for_people_to_look_into_and_may_be_restored(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    await send(stage, told(child, "cancelled"))
    (cancelled,) = await corrections(stage)
    await confirmed(stage, cancelled["correction_id"])
    (problem,) = await problems(stage)
    assert (problem["classes"][0]["problem_class"], problem["confidential"]) == ("death_mark", True)
    assert await problems(stage, Role.CLERK) == []
    await send(stage, told(child, "restored"))
    restored = (await corrections(stage))[-1]
    await confirmed(stage, restored["correction_id"])
    assert await problems(stage) == []


async def test_a_rejected_notice_leaves_the_record_as_it_is(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    await send(stage, told(child, new_name=NEW_NAME))
    (correction,) = await corrections(stage)
    body = {"remark": "与户口簿不符"}
    named = (stage, correction["correction_id"])
    assert await act(*named, "rejection", "office.wang", body) == (200, "rejected")
    assert await act(*named, "proposal", "office.wang") == (409, "not_allowed")
    assert await name_of(stage) == child.name


async def test_a_unit_is_told_the_same_whether_a_record_was_met_or_not(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    status, met = await send(stage, told(child, new_name=NEW_NAME))
    other, missed = await send(stage, told(person(77), new_name=NEW_NAME))
    assert (status, met["received"]) == (other, missed["received"]) == (202, 1)
    assert met.keys() == missed.keys()


async def test_the_same_request_is_taken_once_and_another_body_is_refused(
    staged: Staged, village: Village
) -> None:
    stage, child = await with_a_child(staged, village)
    first = await send(stage, told(child, new_name=NEW_NAME), key="k1")
    assert await send(stage, told(child, new_name=NEW_NAME), key="k1") == first
    assert (await send(stage, told(child, new_name="别名"), key="k1"))[0] == 422
    assert len(await corrections(stage)) == 1


async def test_another_county_sees_nothing_of_it(staged: Staged, village: Village) -> None:
    stage, child = await with_a_child(staged, village)
    await send(stage, told(child, new_name=NEW_NAME))
    (correction,) = await corrections(stage)
    away = {"institution": OTHER_COUNTY, "area": OTHER_COUNTY}
    assert await corrections(stage, **away) == []
    path = f"{CORRECTIONS}/{correction['correction_id']}"
    assert (await stage.ask("GET", path, Role.COUNTY, **away)).status_code == 404


@pytest.mark.parametrize(
    "spoilt",
    [
        {"kind": "renamed"},
        {"kind": "renumbered", "new_number": "999999202001010000"},
        {"kind": "cancelled", "new_name": NEW_NAME},
    ],
)
async def test_a_notice_that_cannot_be_meant_takes_none_of_its_request(
    staged: Staged, village: Village, spoilt: dict[str, str]
) -> None:
    stage, child = await with_a_child(staged, village)
    bad = {"citizen_number": child.document, "name": child.name} | spoilt
    assert (await send(stage, told(child, new_name=NEW_NAME), bad))[0] == 422
    assert await corrections(stage) == []
