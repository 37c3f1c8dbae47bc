"""X-Road headers and trace ids: echoed where fit, one id from the caller to every record of it."""

import pytest

from gateway.access.vocabulary import Role
from tests.attacks.conftest import Siege
from tests.attacks.strangers import Place
from tests.intake.village import SCHOOL, person

UNFIT = [
    "short",
    "x" * 65,
    "with blank inside",
    f"id-{person(1).document}",
    person(1).number,
    "a\tb-tabbed-id",
    "<script>alert(1)</script>",
]


async def test_the_callers_trace_id_is_in_answer_problem_and_entry(siege: Siege):
    headers = await siege.strangers.headers(Role.CLERK, Place.RIVAL, "enrolment")
    answer = await siege.stage.door.get(
        f"/v1/intakes/{siege.intake_id}", headers=headers | {"X-Road-Id": "callers.trace-1"}
    )
    assert answer.headers["X-Road-Id"] == "callers.trace-1"
    assert answer.json()["trace_id"] == "callers.trace-1"
    assert (await siege.stage.entries())[-1]["request"] == "callers.trace-1"


@pytest.mark.parametrize("unfit", UNFIT)
async def test_an_unfit_trace_id_is_replaced(siege: Siege, unfit: str):
    answer = await siege.stage.door.get("/v1/handovers", headers={"X-Road-Id": unfit})
    given = answer.headers["X-Road-Id"]
    assert given != unfit
    assert len(given) == 32
    assert answer.json()["trace_id"] == given
    assert unfit not in answer.text


async def test_x_road_headers_come_back_unless_they_name_a_child(siege: Siege):
    fit = {"X-Road-Client": "CN/GOV/1/school", "X-Road-Issue": "2026-1", "X-Road-UserId": "CN/a"}
    answer = await siege.stage.door.get("/v1/handovers", headers=fit)
    assert {name: answer.headers[name] for name in fit} == fit
    unfit = {"X-Road-Client": f"CN/{person(1).document}", "X-Road-UserId": "a\tb"}
    answer = await siege.stage.door.get("/v1/handovers", headers=unfit)
    assert [name for name in unfit if name in answer.headers] == []


@pytest.mark.parametrize("path", ["/v1/handovers", "/v1/absent", "/livez", "/docs/absent"])
async def test_every_answer_has_a_trace_id_and_is_not_to_be_kept(siege: Siege, path: str):
    answer = await siege.stage.door.get(path)
    assert len(answer.headers["X-Road-Id"]) == 32
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "forged", ["X-Forwarded-For", "X-Forwarded-Host", "X-HTTP-Method-Override"]
)
async def test_a_forged_proxy_header_changes_nothing(siege: Siege, forged: str):
    headers = await siege.strangers.headers(Role.CLERK, Place.OWN, "enrolment")
    path = f"/v1/intakes/{siege.intake_id}"
    plain = await siege.stage.door.get(path, headers=headers)
    answer = await siege.stage.door.get(path, headers=headers | {forged: "DELETE"})
    assert (answer.status_code, answer.content) == (200, plain.content)


async def test_a_header_sent_twice_is_not_relied_on(siege: Siege):
    headers = await siege.strangers.headers(Role.CLERK, Place.OWN, "enrolment")
    for doubled in ("Authorization", "Jisui-Purpose", "X-Road-Issue", "X-Road-UserId"):
        both = [*headers.items(), (doubled, headers[doubled])]
        answer = await siege.stage.door.get("/v1/handovers", headers=both)
        assert answer.status_code == 400, doubled
        assert answer.json()["errors"][0]["pointer"] == doubled


async def test_a_cursor_of_another_school_leads_nowhere_else(siege: Siege):
    await siege.stage.submit([person(5).row()], school="9999990200")
    headers = await siege.strangers.headers(Role.CLERK, Place.OWN, "enrolment")
    for after in ("", "0", siege.handover_id, "z" * 32, "' OR 1=1 --"):
        answer = await siege.stage.door.get(
            "/v1/handovers", params={"after": after}, headers=headers
        )
        assert {row["school"] for row in answer.json()["handovers"]} <= {SCHOOL}
