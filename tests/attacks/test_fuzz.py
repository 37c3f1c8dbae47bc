"""Whatever is sent, the answer is one the contract knows, and the fault is never ours."""

import json
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.access.vocabulary import Purpose, Role
from tests.attacks.conftest import Siege, lay_siege
from tests.attacks.doors import ABSENT, PLACES, Door, address, doors_of
from tests.attacks.strangers import Place
from tests.attacks.test_refusals import POLICY
from tests.intake.stage import START
from tests.intake.village import Village

PER_DOOR = 10  # on each engine, never the same
_ODD = st.sampled_from(
    ["", "0", "-1", "1e9", str(2**31), str(2**63), str(10**40), "\x00", "a\x00b", "%00", "null",
     "../..", "'; --", "\u202e", "\ud7ff", "𠮷", "x" * 5000, "[]", "{}", "NaN", "true", "２０２６",
     "2026-02-30", "9999-12-31", "0001-01-01", "offered", "data_error", "school:1", "a,b"]
)  # fmt: skip
_TRAPS = (
    "a\x00b",
    "\x00",
    "",
    " ",
    "x" * 5000,
    "\u202e",
    "2026-02-30",
    10**40,
    -1,
    1e300,
    [],
    {},
    None,
)
_TEXTS = _ODD | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS
_NAMES = st.sampled_from(
    ["reference", "number", "rows", "handover_id", "offer_hash", "record_id", "reason", "decision",
     "reported", "reported_on", "no_show_reason", "姓名", "性别", "__proto__", "id"]
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES | _TEXTS, inner, max_size=4),
    max_leaves=12,
)
_PARAMETERS = st.sampled_from(
    ["after", "limit", "state", "reason", "owner", "due_before", "school"]
)
_QUERIES = st.dictionaries(_PARAMETERS | _TEXTS, _TEXTS, max_size=4)


@pytest.fixture
async def siege_on_each_engine(migrated_url: str, tmp_path: Path) -> AsyncIterator[Siege]:
    async with lay_siege(migrated_url, tmp_path, Village()) as laid:
        yield laid


async def test_no_parameter_and_no_body_makes_the_gateway_fail(siege_on_each_engine: Siege):
    for door in doors_of(siege_on_each_engine):
        for path, query, body in drawn(door, siege_on_each_engine):
            await sent(siege_on_each_engine, door, path, query, body)


async def test_no_value_of_a_right_body_makes_the_gateway_fail(siege_on_each_engine: Siege):
    for door in doors_of(siege_on_each_engine):
        right = json.loads(door.target.body or b"{}")
        for place, value in product(leaves(right), _TRAPS):
            body = json.dumps(replaced(right, place, value)).encode()
            await sent(siege_on_each_engine, door, door.target.path, {}, body)


async def sent(siege: Siege, door: Door, path: str, query: dict[str, str], body: bytes) -> None:
    """Ask as somebody who may; whatever is wrong is told as a problem of the caller's."""
    role, purpose = next(
        (role, purpose or Purpose.ENROLMENT)
        for purpose, role in product((*Purpose, None), Role)
        if POLICY.reach(role, door.operation, purpose, START.date())
    )
    headers = await siege.strangers.headers(role, Place.OWN, purpose)
    answer = await siege.stage.door.request(
        door.method,
        path,
        params=query or None,
        content=body,
        headers=headers | {"Content-Type": "application/json"},
    )
    assert answer.status_code < 500, (door.method, path, query, body)
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def drawn(door: Door, siege: Siege) -> list[tuple[str, dict[str, str], bytes]]:
    """Requests through one door: path, parameters, body."""
    asked = []
    right = {**siege.ids, **PLACES}
    odd = st.sampled_from([ABSENT, "%00", "a%00", "%F0%A0%AE%B7", "x" * 500])
    paths = st.just(right) | st.builds(lambda one: dict.fromkeys(right, one), odd)

    @settings(max_examples=PER_DOOR, database=None, suppress_health_check=list(HealthCheck))
    @given(paths, _QUERIES, _VALUES)
    def draw(named: dict[str, str], query: dict[str, str], body: Any) -> None:
        asked.append((address(named, door.template), query, json.dumps(body).encode()))

    draw()
    return asked


def leaves(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the single values of a document stand."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, (*place, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*place, index))
    else:
        yield place


def replaced(node: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The document with this value in that place."""
    if not place:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[place[0]] = replaced(copy[place[0]], place[1:], value)
    return copy
