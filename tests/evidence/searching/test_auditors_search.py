"""An auditor finds all that was done about a child, and nobody searches unseen."""

from typing import Any

from gateway.access.vocabulary import Role
from gateway.wiring.evidence import number_log
from tests.evidence.searching.conftest import Watched

PATH = "/v1/evidence/searches"


async def search(watched: Watched, **asked: object) -> list[dict[str, Any]]:
    answer = await watched.stage.ask("POST", PATH, Role.AUDITOR, json=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


async def last_search(watched: Watched) -> dict[str, Any]:
    return [one for one in await watched.stage.entries() if one["action"] == "evidence.searched"][
        -1
    ]


async def test_a_child_is_followed_through_every_room_by_any_of_its_numbers(
    watched_on_each_engine: Watched,
) -> None:
    watched = watched_on_each_engine
    found = await search(watched, child={"document": watched.seen.document})
    assert await search(watched, child={"number": watched.seen.number}) == found
    actions = [one["action"] for one in found]
    assert {
        "intake.received",
        "handover.moved",
        "register.asked",
        "register.answered",
        "record.viewed",
        "verification.requested",
    } <= set(actions)
    viewed = [one for one in found if one["object_ref"] == watched.handover_id]
    assert {one["role"] for one in viewed if one["action"] == "record.viewed"} == {"county"}
    assert [one["position"] for one in found] == sorted(
        (one["position"] for one in found), reverse=True
    )


async def test_what_was_done_about_another_child_alone_is_not_found(watched: Watched) -> None:
    ours = await search(watched, child={"document": watched.seen.document})
    theirs = await search(watched, child={"document": watched.other.document})
    alone = {one["position"] for one in ours if one["children"] < 2} & {
        one["position"] for one in theirs if one["children"] < 2
    }
    assert {one["action"] for one in theirs if one["position"] in alone} <= {"intake.confirmed"}
    assert "verification.requested" not in {one["action"] for one in theirs}


async def test_entries_are_found_by_case_caller_time_and_outcome_together(
    watched: Watched,
) -> None:
    by_case = await search(watched, case="case-1", action="verification.requested")
    assert [(one["action"], one["case"]) for one in by_case] == [
        ("verification.requested", "case-1")
    ]
    (one,) = by_case
    at = one["at"]
    exact = {"caller": one["caller"], "outcome": one["outcome"], "since": at}
    assert one in await search(watched, **exact)
    assert one not in await search(watched, **exact, until=at)
    assert one not in await search(watched, caller="somebody-else")


async def test_a_search_is_on_record_with_what_it_was_for_and_what_it_found(
    watched: Watched,
) -> None:
    found = await search(watched, child={"document": watched.seen.document})
    entry = await last_search(watched)
    assert (entry["outcome"], entry["role"], entry["case"]) == ("found", "auditor", "case-1")
    assert entry["content"]["by"] == "child"
    assert entry["content"]["count"] == str(len(found))
    assert len(entry["content"]["child"]) == 32
    assert watched.seen.document not in str(entry)


async def test_a_search_that_finds_nothing_is_on_record_too(watched: Watched) -> None:
    assert await search(watched, case="no such case") == []
    entry = await last_search(watched)
    assert (entry["outcome"], entry["content"]["case"]) == ("nothing", "no such case")


async def test_pages_follow_one_another_without_gap_or_repeat(watched: Watched) -> None:
    everything = await search(watched)
    pages: list[int] = []
    following: int | None = 0
    while following is not None:
        asked = {"limit": 3, "before": following, "until": everything[0]["at"]}
        answer = await watched.stage.ask("POST", PATH, Role.AUDITOR, json=asked)
        pages += [one["position"] for one in answer.json()["entries"]]
        following = answer.json()["next"]
    before = [one for one in everything if one["at"] < everything[0]["at"]]
    assert pages == [one["position"] for one in before]


async def test_only_auditors_search(watched: Watched) -> None:
    for role in set(Role) - {Role.AUDITOR}:
        answer = await watched.stage.ask("POST", PATH, role, json={}, purpose="audit")
        assert answer.status_code == 404, role


async def test_who_searched_for_a_child_is_found_in_turn(watched: Watched) -> None:
    await search(watched, child={"document": watched.seen.document})
    await number_log(watched.stage.ground)
    found = await search(watched, action="evidence.searched")
    assert len(found) == 1


async def test_a_search_that_cannot_be_meant_is_refused(watched: Watched) -> None:
    wrong = {
        "#/case": {"case": "99999920180101001X"},
        "#/child": {"child": {"number": "G1", "document": "1"}},
        "#/limit": {"limit": 101},
        "#/since": {"since": "2026-09-01T00:00:00"},
    }
    for pointer, asked in wrong.items():
        answer = await watched.stage.ask("POST", PATH, Role.AUDITOR, json=asked)
        assert answer.status_code == 422
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_child_is_not_searched_for_without_a_case(watched: Watched) -> None:
    child = {"child": {"document": watched.seen.document}}
    answer = await watched.stage.ask(
        "POST", PATH, Role.AUDITOR, json=child, more={"X-Road-Issue": ""}
    )
    assert answer.status_code == 400
