"""Clerk and leader: an offer is proposed by one person and confirmed by another, for one hash."""

import pytest

from gateway.access.vocabulary import Role
from tests.intake.conftest import Staged
from tests.intake.stage import CLERK, LEADER, Stage
from tests.intake.village import KINDERGARTEN, OTHER_COUNTY, RIVAL, Village, person


async def offered(staged: Staged, village: Village, children: int = 1) -> Stage:
    """A stage on which this many children wait to be confirmed."""
    listed = [village.child(serial) for serial in range(1, children + 1)]
    stage = await staged(village)
    await stage.submit([child.row() for child in listed])
    await stage.work()
    return stage


async def tag(stage: Stage, row: str = "1") -> tuple[str, str]:
    """The address of a child's handover, and the entity tag of its offer."""
    address = f"/v1/handovers/{(await stage.handover(row)).handover_id}"
    return address, (await stage.ask("GET", address, Role.CLERK)).headers["ETag"]


async def seen(stage: Stage) -> list[dict[str, str]]:
    """Every child with its offer, as a batch names them."""
    found = (await stage.handovers()).values()
    return [{"handover_id": h.handover_id, "offer_hash": str(h.offer_hash)} for h in found]


async def test_two_persons_confirm_and_the_child_is_carried(
    staged_on_each_engine: Staged, village: Village
) -> None:
    stage = await offered(staged_on_each_engine, village)
    address, etag = await tag(stage)
    proposed = await stage.ask("POST", f"{address}/proposal", Role.CLERK, if_match=etag)
    assert (proposed.status_code, proposed.json()["proposed"]) == (200, True)
    confirmed = await stage.ask("POST", f"{address}/confirmation", Role.LEADER, if_match=etag)
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "accepted")
    await stage.work()
    assert await stage.situations() == {"1": "carried"}
    acts = {e["action"]: e for e in await stage.entries() if e["action"].startswith("handover.")}
    assert acts["handover.proposed"]["actor"] == CLERK
    assert acts["handover.confirmed"]["actor"] == LEADER
    assert acts["handover.confirmed"]["case"] == "case-1"
    assert acts["handover.confirmed"]["content"]["reason"] == etag.strip('"')
    assert acts["handover.confirmed"]["basis"]


async def test_nobody_confirms_what_he_proposed(staged: Staged, village: Village) -> None:
    stage = await offered(staged, village)
    address, etag = await tag(stage)
    await stage.ask("POST", f"{address}/proposal", Role.CLERK, if_match=etag)
    alone = await stage.ask(
        "POST", f"{address}/confirmation", Role.LEADER, if_match=etag, user=CLERK.upper()
    )
    assert (alone.status_code, alone.json()["errors"][0]["code"]) == (409, "same_person")
    assert await stage.situations() == {"1": "offered"}


async def test_nothing_is_confirmed_that_was_not_proposed(staged: Staged, village: Village) -> None:
    stage = await offered(staged, village)
    address, etag = await tag(stage)
    answer = await stage.ask("POST", f"{address}/confirmation", Role.LEADER, if_match=etag)
    assert answer.json()["errors"][0]["code"] == "not_proposed"


@pytest.mark.parametrize(("if_match", "status"), [(None, 428), ('"0"', 412), ("*", 412)])
async def test_an_offer_must_be_named_by_its_present_tag(
    staged: Staged, village: Village, if_match: str | None, status: int
) -> None:
    stage = await offered(staged, village)
    address, _ = await tag(stage)
    answer = await stage.ask("POST", f"{address}/proposal", Role.CLERK, if_match=if_match)
    assert answer.status_code == status
    assert (await stage.handover("1")).proposed_by is None


async def test_a_change_at_the_kindergarten_voids_offer_and_proposal(
    staged: Staged, village: Village
) -> None:
    stage = await offered(staged, village)
    address, etag = await tag(stage)
    await stage.ask("POST", f"{address}/proposal", Role.CLERK, if_match=etag)
    await stage.change("preschool", {"学籍号": person(1).number}, {"现住址": "虚构县新路二号"})
    stage.clock.advance(60)
    await stage.work()
    stale = await stage.ask("POST", f"{address}/confirmation", Role.LEADER, if_match=etag)
    assert stale.status_code == 412
    _, fresh = await tag(stage)
    unproposed = await stage.ask("POST", f"{address}/confirmation", Role.LEADER, if_match=fresh)
    assert unproposed.json()["errors"][0]["code"] == "not_proposed"


async def test_a_fresh_look_that_finds_the_same_keeps_the_proposal(
    staged: Staged, village: Village
) -> None:
    stage = await offered(staged, village)
    address, etag = await tag(stage)
    await stage.ask("POST", f"{address}/proposal", Role.CLERK, if_match=etag)
    await stage.ask("POST", f"{address}/decision", Role.COUNTY, json={"decision": "look_again"})
    await stage.work()
    confirmed = await stage.ask("POST", f"{address}/confirmation", Role.LEADER, if_match=etag)
    assert confirmed.status_code == 200


async def test_a_batch_is_bound_to_the_hash_of_its_list(staged: Staged, village: Village) -> None:
    stage = await offered(staged, village, children=3)
    batch = {"rows": await seen(stage)}
    proposed = await stage.ask("POST", "/v1/handovers/proposals", Role.CLERK, json=batch)
    assert proposed.headers["ETag"] == f'"{proposed.json()["batch_hash"]}"'
    fewer = {"rows": batch["rows"][:2]}
    path = "/v1/handovers/confirmations"
    named = proposed.headers["ETag"]
    other = await stage.ask("POST", path, Role.LEADER, json=fewer, if_match=named)
    assert other.status_code == 412
    shuffled = {"rows": batch["rows"][::-1]}
    confirmed = await stage.ask("POST", path, Role.LEADER, json=shuffled, if_match=named)
    assert {row["state"] for row in confirmed.json()["rows"]} == {"accepted"}
    await stage.work()
    assert set((await stage.situations()).values()) == {"carried"}


async def test_a_batch_is_all_or_nothing_with_each_rows_reason(
    staged: Staged, village: Village
) -> None:
    stage = await offered(staged, village, children=3)
    rows = await seen(stage)
    rows[1]["offer_hash"] = "0" * 64
    answer = await stage.ask(
        "POST", "/v1/handovers/proposals", Role.CLERK, json={"rows": [*rows, rows[0]]}
    )
    told = {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
    assert (answer.status_code, told) == (409, {"#/rows/3": "twice"})
    answer = await stage.ask("POST", "/v1/handovers/proposals", Role.CLERK, json={"rows": rows})
    told = {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
    assert (answer.status_code, told) == (412, {"#/rows/1": "offer_changed"})
    assert [h.proposed_by for h in (await stage.handovers()).values()] == [None, None, None]


async def test_a_child_of_another_school_is_as_good_as_absent(
    staged: Staged, village: Village
) -> None:
    stage = await offered(staged, village)
    address, etag = await tag(stage)
    forbidden = await stage.ask(
        "POST", f"{address}/proposal", Role.CLERK, if_match=etag, institution=RIVAL
    )
    absent = await stage.ask("POST", f"/v1/handovers/{'0' * 32}/proposal", Role.CLERK)
    mixed = await stage.ask(
        "POST",
        "/v1/handovers/proposals",
        Role.CLERK,
        json={"rows": await seen(stage)},
        institution=RIVAL,
    )
    documents = [answer.json() for answer in (forbidden, absent, mixed)]
    assert [document.pop("trace_id") != "" for document in documents] == [True] * 3
    assert documents[0] == documents[1] == documents[2]
    assert forbidden.status_code == 404


WRONG_ROLE = [
    ("proposal", Role.LEADER),
    ("proposal", Role.COUNTY),
    ("confirmation", Role.CLERK),
    ("confirmation", Role.COUNTY),
    ("report", Role.LEADER),
    ("choice", Role.LEADER),
    ("rejection", Role.LEADER),
    ("withdrawal", Role.LEADER),
    ("reversal", Role.CLERK),
    ("resubmission", Role.COUNTY),
    ("approval", Role.LEADER),
    ("return", Role.CLERK),
    ("approval/undo", Role.LEADER),
    ("decision", Role.LEADER),
    ("decision", Role.AUDITOR),
]


async def test_each_act_belongs_to_its_role(staged: Staged, village: Village) -> None:
    stage = await offered(staged, village)
    address, etag = await tag(stage)
    bodies = {
        "report": {"reported": False},
        "choice": {"record_id": "XQ00000001"},
        "rejection": {"record_id": "XQ00000001"},
        "withdrawal": {"reason": "随迁"},
        "reversal": {"reason": "随迁"},
        "return": {"reason": "班级未填"},
        "decision": {"decision": "look_again"},
    }
    for act, role in WRONG_ROLE:
        answer = await stage.ask(
            "POST", f"{address}/{act}", role, if_match=etag, json=bodies.get(act)
        )
        assert answer.status_code == 404, (act, role)
    assert await stage.situations() == {"1": "offered"}


async def test_an_office_of_another_area_sees_no_child(staged: Staged, village: Village) -> None:
    stage = await offered(staged, village)
    address, _ = await tag(stage)
    answer = await stage.ask("GET", address, Role.COUNTY, area=OTHER_COUNTY)
    assert answer.status_code == 404


async def test_nothing_is_confirmed_outside_the_window(staged: Staged, village: Village) -> None:
    closing = {"opens": "2026-09-01T00:00:00+08:00", "closes": "2026-09-04T00:00:00+08:00"}
    child = village.child(1)
    stage = await staged(village, windows={"carry": [closing]})
    await stage.submit([child.row()])
    await stage.work()
    address, etag = await tag(stage)
    await stage.ask("POST", f"{address}/proposal", Role.CLERK, if_match=etag)
    stage.clock.advance(3 * 24 * 3600)
    late = await stage.ask("POST", f"{address}/confirmation", Role.LEADER, if_match=etag)
    assert late.json()["errors"][0]["code"] == "window_closed"


async def test_the_clerk_sees_row_and_record_field_by_field(
    staged: Staged, village: Village
) -> None:
    stage = await offered(staged, village)
    address, _ = await tag(stage)
    view = (await stage.ask("GET", address, Role.CLERK)).json()
    child = person(1)
    (candidate,) = view["candidates"]
    named = {field["field"]: field for field in candidate["fields"]}
    assert (candidate["grade"], candidate["kindergarten"]) == ("exact", KINDERGARTEN)
    assert named["name"] == {
        "field": "name",
        "agreement": "agrees",
        "listed": child.name,
        "found": child.name,
    }
    assert (named["number"]["agreement"], named["number"]["found"]) == ("absent", child.number)
    offer = {field["field"]: field for field in view["offer"]["fields"]}
    assert offer["blood_type"]["source"] == "preschool"
    assert "年级" in view["offer"]["to_supplement"]
    (entry,) = [e for e in await stage.entries() if e["action"] == "record.viewed"][-1:]
    assert (entry["actor"], entry["purpose"]) == (CLERK, "enrolment")


async def test_watching_over_schools_shows_no_value_of_a_child(
    staged: Staged, village: Village
) -> None:
    stage = await offered(staged, village)
    address, _ = await tag(stage)
    answer = await stage.ask("GET", address, Role.PROVINCE, purpose="supervision")
    assert answer.json()["candidates"][0]["grade"] == "exact"
    child = person(1)
    assert not any(value in answer.text for value in (child.name, child.document, child.number))
