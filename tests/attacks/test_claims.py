"""Writing a child down gives no right to it: a claim on a list opens nothing."""

import httpx2 as httpx

from gateway.access.vocabulary import Role
from tests.attacks.conftest import Siege
from tests.attacks.strangers import Place
from tests.intake.village import RIVAL, SCHOOL, person


async def asked(siege: Siege, place: Place) -> httpx.Response:
    headers = await siege.strangers.headers(Role.CLERK, place, "enrolment")
    return await siege.stage.door.post(
        "/v1/numbers/resolve", json={"number": person(1).number}, headers=headers
    )


async def test_a_number_written_on_a_list_does_not_tell_whose_it_is(siege: Siege):
    assert (await asked(siege, Place.OWN)).json()["current"] == person(1).number
    claim = person(8).row(学籍号=person(1).number)
    await siege.stage.submit([claim], school=RIVAL, by=Role.CLERK)
    await siege.stage.work()
    assert (await asked(siege, Place.RIVAL)).status_code == 404


async def test_not_even_a_confirmed_list_tells_it_before_the_child_is_matched(siege: Siege):
    claim = person(8).row(学籍号=person(1).number)
    await siege.stage.submit([claim], school=RIVAL)
    await siege.stage.work()
    assert (await siege.stage.situations(RIVAL))["8"] != "offered"
    assert (await asked(siege, Place.RIVAL)).status_code == 404


async def test_a_row_that_was_not_reported_shows_no_number(siege: Siege):
    await siege.stage.submit([person(1).row(是否报到="否")])
    await siege.stage.work()
    assert await siege.stage.situations(SCHOOL) == {"1": "listed"}
    headers = await siege.strangers.headers(Role.CLERK, Place.OWN, "enrolment")
    answer = await siege.stage.door.get("/v1/handovers", headers=headers)
    assert [row["number"] for row in answer.json()["handovers"]] == [None]


async def test_those_who_only_watch_see_no_number_and_get_no_sheet(siege: Siege):
    for role, purpose in ((Role.PROVINCE, "supervision"), (Role.AUDITOR, "audit")):
        headers = await siege.strangers.headers(role, Place.OWN, purpose)
        rows = f"/v1/intakes/{siege.intake_id}/rows"
        told = await siege.stage.door.get(rows, headers=headers)
        assert [row["number"] for row in told.json()["rows"]] == [None]
        sheet = rows.replace("rows", "result-sheet")
        assert (await siege.stage.door.get(sheet, headers=headers)).status_code == 404
