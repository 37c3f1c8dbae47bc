"""An urgent query is answered first; its paper follows within a day, or nothing urgent is."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.access.vocabulary import Role
from tests.intake.village import person
from tests.verification.enrolment_queries.conftest import (
    COUNTY,
    FAR_COUNTY,
    FAR_UNIT,
    OTHER_UNIT,
    UNIT,
    Bureau,
    child,
)
from tests.verification.enrolment_queries.quiet import learn, open_quiet

DAY = timedelta(hours=24).total_seconds()
ZOE = person(7)
PAPER = {"document_number": "文书〔2026〕9号", "sha256": "a" * 64}


async def urgently(bureau: Bureau, **how: Any) -> Any:
    return await bureau.ask(child(ZOE), purpose="missing_child", urgent=True, **how)


async def send_paper(bureau: Bureau, query_id: str, paper: object = PAPER, **how: Any) -> Any:
    path = f"/v1/enrolment-queries/{query_id}/paper"
    return await bureau.send("PUT", path, purpose="missing_child", json=paper, **how)


async def listed(bureau: Bureau, query: str = "", **how: Any) -> list[dict[str, Any]]:
    answer = await bureau.send("GET", f"/v1/enrolment-queries{query}", **how)
    queries: list[dict[str, Any]] = answer.json()["queries"]
    return queries


async def test_an_overdue_paper_is_chased_and_bars_the_units_urgent_queries_until_it_comes(
    migrated_url: str, tmp_path: Path
):
    async with open_quiet(migrated_url, tmp_path) as bureau:
        query_id = (await urgently(bureau)).json()["query_id"]
        bureau.stage.clock.advance(DAY - 1)
        assert (await urgently(bureau, officer="another")).status_code == 200
        await _chase(bureau)
        assert await bureau.entries("enrolment.paper_overdue") == []

        bureau.stage.clock.advance(1)
        assert [one["query_id"] for one in await listed(bureau, "?paper=overdue")] == [query_id]
        barred = await urgently(bureau, officer="another")
        assert (barred.status_code, barred.json()["type"]) == (409, "/problems/conflict")
        assert (await urgently(bureau, unit=OTHER_UNIT)).status_code == 200
        assert (await bureau.ask(child(ZOE))).status_code == 200  # with its paper, as ever

        await _chase(bureau)
        await _chase(bureau)  # once a day is enough
        (chased,) = await bureau.entries("enrolment.paper_overdue")
        assert (chased["object"], chased["content"]) == (query_id, {"unit": UNIT})

        received = await send_paper(bureau, query_id)
        assert (received.json()["paper"], received.json()["chased"]) == ("received", 1)
        assert (await urgently(bureau)).status_code == 200
        assert len(await listed(bureau, "?paper=owed")) == 2


async def test_a_paper_is_taken_once_and_the_same_one_again_changes_nothing(
    migrated_sqlite_url: str, tmp_path: Path
):
    async with open_quiet(migrated_sqlite_url, tmp_path) as bureau:
        query_id = (await urgently(bureau)).json()["query_id"]
        first = await send_paper(bureau, query_id)
        bureau.stage.clock.advance(60)
        assert (await send_paper(bureau, query_id)).json() == first.json()
        other = await send_paper(bureau, query_id, PAPER | {"sha256": "b" * 64})
        assert other.status_code == 409
        (entry,) = await bureau.entries("enrolment.paper_received")
        assert (entry["object"], entry["content"]) == (query_id, PAPER)
        numbered = await send_paper(bureau, query_id, PAPER | {"document_number": ZOE.document})
        assert numbered.status_code == 422


async def test_only_the_unit_that_owes_it_brings_a_paper_and_only_for_an_urgent_query(
    migrated_sqlite_url: str, tmp_path: Path
):
    async with open_quiet(migrated_sqlite_url, tmp_path) as bureau:
        urgent = (await urgently(bureau)).json()["query_id"]
        ordinary = (await bureau.ask(child(ZOE), purpose="missing_child")).json()["query_id"]
        for query_id, unit in ((urgent, OTHER_UNIT), (ordinary, UNIT), ("absent", UNIT)):
            answer = await send_paper(bureau, query_id, unit=unit)
            assert answer.status_code == 404, (query_id, unit)


async def test_a_unit_reads_its_own_queries_and_an_auditor_those_of_its_area_without_children(
    migrated_url: str, tmp_path: Path
):
    async with open_quiet(migrated_url, tmp_path) as bureau:
        await learn(bureau, [ZOE])
        for unit in (UNIT, OTHER_UNIT, FAR_UNIT):
            await bureau.says(child(ZOE), child(person(8)), unit=unit)
        (own,) = await listed(bureau)
        assert (own["unit"], own["children"], own["yes"], own["no"]) == (UNIT, 2, 1, 0)
        assert await listed(bureau, f"?unit={OTHER_UNIT}") == []
        seen = {}
        for area in (COUNTY, FAR_COUNTY):
            answer = await bureau.stage.ask(
                "GET", "/v1/enrolment-queries", Role.AUDITOR, purpose="audit", area=area
            )
            seen[area] = [one["unit"] for one in answer.json()["queries"]]
            for secret in (ZOE.document, ZOE.name, "9999990200"):
                assert secret not in answer.text
        # The stage's auditor audits the village's province, wherever it is said to sit.
        assert seen[COUNTY] == [OTHER_UNIT, UNIT]


async def test_the_list_is_read_page_by_page(migrated_sqlite_url: str, tmp_path: Path):
    async with open_quiet(migrated_sqlite_url, tmp_path) as bureau:
        for _ in range(3):
            await bureau.says(child(ZOE))
        pages, before = [], ""
        while before is not None:
            path = f"/v1/enrolment-queries?limit=2&before={before}"
            page = (await bureau.send("GET", path)).json()
            pages.append([one["query_id"] for one in page["queries"]])
            before = page["next"]
        assert [len(page) for page in pages] == [2, 1]
        assert pages == [sorted(page, reverse=True) for page in pages]


async def test_whoever_asks_too_fast_waits_and_the_pace_is_told_in_every_answer(
    migrated_url: str, tmp_path: Path
):
    async with open_quiet(migrated_url, tmp_path, queries_per_minute=2) as bureau:
        first = await bureau.ask(child(ZOE))
        assert first.headers["RateLimit-Policy"] == '"queries";q=2;w=60'
        assert first.headers["RateLimit"] == '"queries";r=1;t=60'
        bureau.stage.clock.advance(10)
        assert (await bureau.ask(child(ZOE))).headers["RateLimit"] == '"queries";r=0;t=50'
        over = await bureau.ask(child(ZOE))
        assert (over.status_code, over.headers["Retry-After"]) == (429, "50")
        assert over.json()["violated-policies"] == ["queries"]
        assert (await bureau.ask(child(ZOE), unit=OTHER_UNIT)).status_code == 200
        (refused,) = await bureau.entries("enrolment.refused")
        assert refused["outcome"] == "too_fast"
        bureau.stage.clock.advance(50)
        assert (await bureau.ask(child(ZOE))).status_code == 200


async def _chase(bureau: Bureau) -> None:
    from gateway.wiring.enrolment_queries import wire_enrolment_chores

    (chore,) = [c for c in wire_enrolment_chores(bureau.stage.ground) if "papers" in c.kind]
    await chore.run()
