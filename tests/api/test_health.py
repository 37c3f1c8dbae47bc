import re
from pathlib import Path

import httpx2 as httpx
from sqlalchemy.exc import OperationalError

from gateway.api.health import database_answers
from gateway.database import open_database
from tests.access.desk import Desk
from tests.api.app import app_of


async def ask(desk: Desk, path: str, **checks: object) -> httpx.Response:
    app = app_of(desk, checks=checks) if checks else app_of(desk)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get(path)


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def broken() -> bool:
    raise OperationalError("select", {}, ConnectionRefusedError())


async def test_a_process_that_answers_is_alive_whatever_else_fails(desk: Desk):
    assert (await ask(desk, "/livez", database=broken)).json() == {"status": "alive"}


async def test_a_gateway_whose_checks_hold_is_ready_and_tells_of_its_lanes(desk: Desk):
    answer = await ask(desk, "/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": True}
    # A lane that waits is the other side's trouble: it is told, and changes nothing.
    assert answer.json()["lanes"][0]["state"] == "waiting"


async def test_a_gateway_with_a_failing_check_is_not_ready_and_says_which(desk: Desk):
    answer = await ask(desk, "/readyz", database=yes, migrated=no, disk=broken)
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": True, "migrated": False, "disk": False}


async def test_a_store_that_cannot_be_reached_is_found_out(desk: Desk, tmp_path: Path):
    gone = open_database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/jisui.db")
    answer = await ask(desk, "/readyz", database=database_answers(gone))
    assert answer.status_code == 503
    await gone.close()


async def test_metrics_count_by_route_and_hold_no_address_and_no_id(
    client: httpx.AsyncClient, desk: Desk
):
    canary = "999999201801010014"
    await client.get(f"/v1/handovers/{canary}")
    await client.get(f"/{canary}")
    await client.request(canary, "/livez")
    text = (await client.get("/metrics")).text
    assert canary not in text
    assert re.search(r'jisui_requests_total\{method="GET",route="unmatched",status="404"\} 1', text)
    assert 'route="/v1/handovers/{institution}",status="401"' in text
    assert 'jisui_problems_total{fault="caller",kind="unauthenticated"} 1.0' in text
