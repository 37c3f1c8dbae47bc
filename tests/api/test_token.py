"""The token address from outside."""

import json

import httpx2 as httpx
import pytest

from gateway.access.assertions import sign
from gateway.access.vocabulary import Role
from tests.access.desk import TOKEN_ADDRESS, Desk
from tests.api.test_api import CANARY, headers, problem


def form(assertion: str, **changes: str) -> dict[str, str]:
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    return {**fields, **changes}


async def assertion_of(desk: Desk) -> str:
    caller = await desk.caller(Role.CLERK)
    return sign(caller.key, caller.client_id, TOKEN_ADDRESS, desk.clock.now(), desk.new_id)


async def test_a_token_from_the_token_address_opens_the_door(client: httpx.AsyncClient, desk: Desk):
    answer = await client.post("/v1/token", data=form(await assertion_of(desk)))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["expires_in"] == 600
    told = await headers(desk, Authorization=f"Bearer {answer.json()['access_token']}")
    assert (await client.post("/v1/lists", headers=told)).status_code == 200


async def test_a_used_assertion_is_refused_at_the_token_address(
    client: httpx.AsyncClient, desk: Desk
):
    assertion = await assertion_of(desk)
    assert (await client.post("/v1/token", data=form(assertion))).status_code == 200
    said = problem(await client.post("/v1/token", data=form(assertion)), "invalid_client")
    assert said["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"grant_type": "password"}, "invalid_token_request"),
        ({"client_assertion_type": ""}, "invalid_token_request"),
        ({"client_id": "somebody-else"}, "invalid_client"),
        ({"client_assertion": CANARY}, "invalid_client"),
        ({"client_assertion": ""}, "invalid_client"),
        ({"client_assertion": "x" * 9000}, "invalid_request"),
    ],
)
async def test_a_token_request_outside_the_contract_is_refused(
    client: httpx.AsyncClient, desk: Desk, changes: dict[str, str], kind: str
):
    answer = await client.post("/v1/token", data=form(await assertion_of(desk), **changes))
    problem(answer, kind)
    assert CANARY not in answer.text


async def test_a_form_field_sent_twice_is_refused(client: httpx.AsyncClient, desk: Desk):
    fields = httpx.QueryParams([*form(await assertion_of(desk)).items(), ("client_id", "a")])
    body = f"{fields}&client_id=b"
    told = {"Content-Type": "application/x-www-form-urlencoded"}
    problem(await client.post("/v1/token", content=body, headers=told), "invalid_token_request")


async def test_a_token_request_in_json_is_refused(client: httpx.AsyncClient, desk: Desk):
    body = json.dumps(form(await assertion_of(desk)))
    told = {"Content-Type": "application/json"}
    problem(await client.post("/v1/token", content=body, headers=told), "unsupported_media_type")
