"""Who is shown too many children is stopped at every door, until another person lets them go on."""

from pathlib import Path

import pytest

from gateway.access.vocabulary import Purpose, Role
from tests.intake.conftest import Staged
from tests.intake.stage import CLERK, Stage
from tests.intake.village import COUNTY, OTHER_COUNTY, Village

STOPS = "/v1/access-stops"
WHY = {"reason": "已核实，系集中核对。"}


@pytest.fixture(autouse=True)
def _two_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "thresholds.csv"
    rows = [f"{purpose},2,99,99,99" for purpose in Purpose]
    table.write_text("\n".join(["purpose,children,case,neighbours,off_hours", *rows]), "utf-8")
    monkeypatch.setenv("JISUI_LOOKS__THRESHOLDS_FILE", str(table))


async def stopped(stage: Stage, village: Village) -> str:
    """The id of the stop of a clerk who looked at three children."""
    await stage.ask("GET", STOPS, Role.COUNTY, purpose="supervision", institution=COUNTY)
    await stage.submit([village.child(number).row() for number in (1, 2, 3)])
    for handover in (await stage.handovers()).values():
        answer = await stage.ask("GET", f"/v1/handovers/{handover.handover_id}", Role.CLERK)
        assert answer.status_code == 200
    stage.clock.advance(2)
    listed = await stage.ask("GET", STOPS, Role.COUNTY, purpose="supervision")
    (one,) = listed.json()["stops"]
    assert (one["signal"], one["looker"]) == ("children", CLERK)
    return str(one["stop_id"])


async def test_whoever_is_stopped_is_told_so_and_shown_nothing(staged: Staged, village: Village):
    stage = await staged(village)
    await stopped(stage, village)
    answer = await stage.ask("GET", "/v1/handovers", Role.CLERK)
    assert answer.status_code == 403
    assert answer.json()["title"] == "查看已暂停"
    assert (await stage.ask("GET", "/v1/handovers", Role.LEADER)).status_code == 200


async def test_another_person_of_the_county_lets_them_go_on(staged: Staged, village: Village):
    stage = await staged(village)
    path = f"{STOPS}/{await stopped(stage, village)}/release"

    async def release(**who: str) -> int:
        asked = stage.ask("POST", path, Role.COUNTY, purpose="supervision", json=WHY, **who)
        return (await asked).status_code

    assert await release(area=OTHER_COUNTY) == 404
    assert await release(user=CLERK.upper()) == 409
    assert await release() == 200
    stage.clock.advance(2)
    assert (await stage.ask("GET", "/v1/handovers", Role.CLERK)).status_code == 200
    assert await release() == 409


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.OPERATOR])
async def test_nobody_else_lets_them_go_on(staged: Staged, village: Village, role: Role):
    stage = await staged(village)
    path = f"{STOPS}/{await stopped(stage, village)}/release"
    assert (await stage.ask("POST", path, role, json=WHY)).status_code == 404
