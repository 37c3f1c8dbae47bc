"""The shell from outside: every failure is a problem, and no problem repeats what was sent."""

from typing import Any

import httpx2 as httpx
import pytest

from gateway.access.vocabulary import Role
from tests.access.desk import Desk
from tests.api.app import app_of

CANARY = "999999201801010014"
NAME = "王小明"


async def headers(desk: Desk, role: Role = Role.CLERK, **more: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {await desk.bearer(role)}",
        "Jisui-Purpose": "enrolment",
        "X-Road-Issue": "2026-1",
        "X-Road-UserId": "CN/u1",
        **more,
    }


def problem(response: httpx.Response, kind: str) -> dict[str, Any]:
    said: dict[str, Any] = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert said["type"] == f"/problems/{kind}", said
    assert said["status"] == response.status_code
    assert said["trace_id"] == response.headers["X-Road-Id"]
    return said


async def test_a_guarded_route_is_told_who_asks(client: httpx.AsyncClient, desk: Desk):
    answer = await client.post(
        "/v1/handovers/7/report", json={"reported": True}, headers=await headers(desk)
    )
    assert answer.json()["user"] == "CN/u1"
    assert answer.json()["scope"] == "9900010001"


async def test_the_callers_trace_id_goes_all_the_way_and_comes_back(
    client: httpx.AsyncClient, desk: Desk
):
    told = await headers(desk, **{"X-Road-Id": "3ccd1f9e-89f8-4d27-9b0f-3f8a1d2c4e5b"})
    answer = await client.get("/v1/handovers/9900010002", headers=told)
    assert answer.headers["X-Road-Id"] == told["X-Road-Id"]
    assert answer.headers["X-Road-Issue"] == "2026-1"
    assert problem(answer, "not_found")["trace_id"] == told["X-Road-Id"]
    assert (await desk.entries())[-1]["request"] == told["X-Road-Id"]


@pytest.mark.parametrize("sent", [None, "", "a b", "x" * 65, CANARY, f"trace-{CANARY}", "a\tb"])
async def test_an_unfit_trace_id_is_replaced(client: httpx.AsyncClient, sent: str | None):
    answer = await client.get("/livez", headers={} if sent is None else {"X-Road-Id": sent})
    given = answer.headers["X-Road-Id"]
    assert given != sent
    assert len(given) == 32


async def test_headers_that_hold_a_number_of_a_person_are_not_echoed(client: httpx.AsyncClient):
    answer = await client.get("/livez", headers={"X-Road-UserId": CANARY, "X-Road-Client": "a/b"})
    assert "X-Road-UserId" not in answer.headers
    assert answer.headers["X-Road-Client"] == "a/b"


async def test_absent_and_forbidden_answer_with_the_same_bytes(
    client: httpx.AsyncClient, desk: Desk
):
    told = await headers(desk, **{"X-Road-Id": "same-trace-id"})
    forbidden = await client.get("/v1/handovers/9900010002", headers=told)
    absent = await client.get("/v1/handovers/absent", headers=told)
    nowhere = await client.get("/v1/nowhere", headers=told)
    no_right = await client.post("/v1/offers/confirm", headers=told)
    assert forbidden.status_code == 404
    assert forbidden.content == absent.content == nowhere.content == no_right.content
    assert forbidden.headers == absent.headers == no_right.headers


STRANGE: dict[str, tuple[str, str, dict[str, str], bytes, str]] = {
    "no such place": ("GET", "/nowhere", {}, b"", "not_found"),
    "a slash too many": ("GET", "/livez/", {}, b"", "not_found"),
    "another method": ("DELETE", "/livez", {}, b"", "method_not_allowed"),
    "a method nobody knows": (CANARY, "/livez", {}, b"", "method_not_allowed"),
    "no token": ("GET", "/v1/handovers/1", {"Authorization": ""}, b"", "unauthenticated"),
    "another scheme": (
        "GET",
        "/v1/handovers/1",
        {"Authorization": "Basic a"},
        b"",
        "unauthenticated",
    ),
    "a false token": (
        "GET",
        "/v1/handovers/1",
        {"Authorization": "Bearer a"},
        b"",
        "unauthenticated",
    ),
    "no purpose": ("GET", "/v1/handovers/1", {"Jisui-Purpose": ""}, b"", "header_missing"),
    "no case": ("GET", "/v1/handovers/1", {"X-Road-Issue": ""}, b"", "header_missing"),
    "a number for a case": (
        "GET",
        "/v1/handovers/1",
        {"X-Road-Issue": CANARY},
        b"",
        "header_malformed",
    ),
    "not a type": ("POST", "/v1/handovers/1/report", {}, b"{}", "unsupported_media_type"),
    "another type": (
        "POST",
        "/v1/handovers/1/report",
        {"Content-Type": "text/plain"},
        b'{"reported": true}',
        "unsupported_media_type",
    ),
    "too much announced": ("POST", "/v1/lists", {}, b"x" * (1 << 21), "too_large"),
    "an unknown population system": ("GET", "/v1/closed", {}, b"", "system_unavailable"),
    "an answer outside the contract": ("GET", "/v1/unreadable", {}, b"", "system_unavailable"),
    "nothing confirmed": (
        "POST",
        "/v1/offers/confirm",
        {"role": "leader"},
        b"",
        "precondition_required",
    ),
    "a stale version": (
        "POST",
        "/v1/offers/confirm",
        {"role": "leader", "If-Match": '"v0"'},
        b"",
        "gone_stale",
    ),
    "a malformed key": (
        "POST",
        "/v1/offers/confirm",
        {"role": "leader", "Idempotency-Key": CANARY},
        b"",
        "header_malformed",
    ),
    "a problem nobody has": ("GET", "/problems/nothing", {}, b"", "not_found"),
    "a file beside the page": ("GET", "/docs/..%2f..%2fapp.py", {}, b"", "not_found"),
}


@pytest.mark.parametrize(
    ("method", "path", "more", "body", "kind"), STRANGE.values(), ids=STRANGE.keys()
)
async def test_every_failure_is_a_problem_that_repeats_nothing(
    client: httpx.AsyncClient,
    desk: Desk,
    method: str,
    path: str,
    more: dict[str, str],
    body: bytes,
    kind: str,
):
    more = dict(more)
    told = await headers(desk, Role(more.pop("role", "clerk")))
    sent = {name: value for name, value in {**told, **more}.items() if value}
    answer = await client.request(method, path, headers=sent, content=body)
    problem(answer, kind)
    assert CANARY not in answer.text
    assert CANARY not in str(answer.headers)


BODIES: dict[str, tuple[bytes, str]] = {
    "not JSON": (f"{{{NAME}".encode(), "json_refused"),
    "the same key twice": (f'{{"{CANARY}": 1, "{CANARY}": 2}}'.encode(), "json_refused"),
    "not a number": (b'{"reported": NaN}', "json_refused"),
    "a value of another type": (f'{{"reported": "{CANARY}"}}'.encode(), "invalid_request"),
    "a key we do not know": (f'{{"reported": true, "{CANARY}": 1}}'.encode(), "invalid_request"),
    "a name for a key": (f'{{"reported": true, "{NAME}": 1}}'.encode(), "invalid_request"),
    "a list": (f'["{NAME}"]'.encode(), "invalid_request"),
    "a text": (f'"{NAME}"'.encode(), "invalid_request"),
    "nothing": (b"", "invalid_request"),
}


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_refused_is_never_quoted(
    client: httpx.AsyncClient, desk: Desk, body: bytes, kind: str
):
    told = await headers(desk, **{"Content-Type": "application/json"})
    answer = await client.post("/v1/handovers/7/report", content=body, headers=told)
    said = problem(answer, kind)
    assert CANARY not in answer.text
    assert NAME not in answer.text
    assert said["errors"]


async def test_a_fault_says_where_it_is_in_the_contracts_own_names(
    client: httpx.AsyncClient, desk: Desk
):
    told = await headers(desk)
    answer = await client.post("/v1/handovers/7/report", json={"on": 5, "x": 1}, headers=told)
    places = {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}
    assert places == {"#/reported": "missing", "#/on": "invalid", "#/*": "extra_forbidden"}


async def test_a_bug_answers_without_a_word_of_it(client: httpx.AsyncClient, desk: Desk):
    answer = await client.get("/v1/broken", headers=await headers(desk))
    problem(answer, "internal")
    assert answer.headers["X-Road-Error"] == "internal"
    assert "child" not in answer.text
    assert CANARY not in answer.text
    failed = [entry for entry in await desk.entries() if entry["action"] == "request.failed"]
    assert [entry["outcome"] for entry in failed] == ["RuntimeError"]
    assert CANARY not in str(failed)


async def test_the_fault_names_the_side_that_failed_and_when_to_come_back(
    client: httpx.AsyncClient, desk: Desk
):
    answer = await client.get("/v1/closed", headers=await headers(desk))
    said = problem(answer, "system_unavailable")
    assert (said["fault"], said["upstream_system"]) == ("population", "population")
    assert answer.headers["Retry-After"] == "90"
    assert "X-Road-Error" not in answer.headers


async def test_a_body_without_an_announced_length_is_stopped_as_it_streams(desk: Desk):
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(100):
            sent += 1000
            yield b"x" * 1000

    transport = httpx.ASGITransport(app_of(desk, body_limit=10_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.post("/v1/lists", content=chunks(), headers=await headers(desk))
        problem(answer, "too_large")
        fitting = await client.post("/v1/lists", content=b"x" * 10_000, headers=await headers(desk))
        assert fitting.json()["bytes"] == 10_000
    assert sent <= 12_000


@pytest.mark.parametrize(
    "name", ["Authorization", "X-Road-UserId", "X-Road-Issue", "Jisui-Purpose"]
)
async def test_a_header_sent_twice_is_refused(client: httpx.AsyncClient, desk: Desk, name: str):
    told = await headers(desk)
    pairs = [*told.items(), (name, told[name])]
    answer = await client.get("/v1/handovers/9900010001", headers=pairs)
    problem(answer, "header_malformed")
