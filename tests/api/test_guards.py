"""Who gets through which door: every route, every role, every purpose."""

from collections.abc import Iterator
from datetime import date
from itertools import product

import httpx2 as httpx
import pytest
from fastapi import APIRouter, FastAPI

from gateway.access.policy import Policy, load_policy
from gateway.access.vocabulary import Operation, Purpose, Role
from gateway.api.guards import OPEN_PATHS, Unguarded, operation_of, routes_of
from gateway.web.routing import open_router
from tests.access.desk import Desk
from tests.api.app import app_of, guarded_by_every_operation

DAY = date(2026, 9, 1)


def told(token: str, purpose: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Jisui-Purpose": purpose,
        "X-Road-Issue": "2026-1",
        "X-Road-UserId": "CN/u1",
    }


async def test_each_role_passes_where_the_policy_has_a_row_and_nowhere_else(desk: Desk):
    policy = load_policy()
    transport = httpx.ASGITransport(app_of(desk, guarded_by_every_operation(desk)))
    tokens = {role: await desk.bearer(role) for role in Role}
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        for role, operation, purpose in telling(policy):
            headers = told(tokens[role], purpose)
            answer = await client.post(f"/v1/do/{operation}", headers=headers, content=b"")
            asked = purpose if operation in policy.touching_a_child else None
            allowed = policy.reach(role, operation, asked, DAY) is not None
            assert answer.status_code == (200 if allowed else 404), (role, operation, purpose)


def telling(policy: Policy) -> Iterator[tuple[Role, Operation, Purpose]]:
    """Every right for every purpose; where there is none at all, each purpose by turns."""
    for turn, (role, operation) in enumerate(product(Role, Operation)):
        purposes = list(Purpose)
        known = policy.knows(role, operation, DAY)
        for purpose in purposes if known else [purposes[turn % len(purposes)]]:
            yield role, operation, purpose


async def test_every_guarded_route_is_closed_without_a_token_and_to_a_stranger(desk: Desk):
    app = app_of(desk, guarded_by_every_operation(desk))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    asked = 0
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        for method, path in guarded(app):
            for headers in ({}, told("x.y.z", "enrolment")):
                answer = await client.request(method, path, headers=headers, json={})
                assert answer.status_code == 401, (method, path)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
                asked += 1
    assert asked >= 2 * len(Operation)


async def test_every_guarded_route_is_closed_to_roles_without_the_right(desk: Desk):
    app = app_of(desk, guarded_by_every_operation(desk))
    policy = load_policy()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        for route in routes_of(app):
            operation = operation_of(route)
            if operation is None:
                continue
            for role in (role for role in Role if not policy.knows(role, operation, DAY)):
                headers = told(await desk.bearer(role), "enrolment")
                answer = await client.request(
                    sorted(route.methods or ())[0],
                    str(route.path).replace("{", "").replace("}", ""),
                    headers=headers,
                    json={"reported": True},
                )
                assert answer.status_code == 404, (route.path, role)


def guarded(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (method, str(route.path).replace("{", "").replace("}", ""))
        for route in routes_of(app)
        if operation_of(route) is not None
        for method in sorted(route.methods or ())
    ]


async def test_an_app_with_a_route_that_nothing_guards_does_not_start(desk: Desk):
    async def show() -> str:
        return "everything"

    unguarded = open_router("careless")
    unguarded.add_api_route("/v1/everything", show)
    with pytest.raises(Unguarded):
        app_of(desk, unguarded)


async def test_an_app_with_a_loosely_reading_route_does_not_start(desk: Desk):
    loose = APIRouter()
    loose.add_api_route("/v1/token2", lambda: None)
    with pytest.raises(Unguarded):
        app_of(desk, loose)


async def test_what_is_open_is_what_is_listed_as_open(desk: Desk):
    served = {route.path for route in routes_of(app_of(desk)) if operation_of(route) is None}
    assert served | {"/openapi.json"} == OPEN_PATHS
