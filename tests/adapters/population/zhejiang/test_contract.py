"""Adapter, simulator and written contract say the same; each is held against the YAML."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx2 as httpx
import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.routing import Route

import contracts
from adapters.population.zhejiang.adapter import CHECK
from adapters.population.zhejiang.simulator import create
from adapters.simulation.clock import SimulatorClock
from adapters.transport import AsgiTransport, open_client
from contracts.capabilities import Asker, Claim
from contracts.errors import SystemFailure
from tests.adapters.population.zhejiang.invented import TRUTH, WORLD, open_adapter

ONE = TRUTH[0][0]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def document() -> Any:
    path = Path(contracts.__file__).parent / "zhejiang_platform" / "openapi.yaml"
    return yaml.safe_load(path.read_text("utf-8"))


def resolved(document: Any, part: Any) -> Any:
    while "$ref" in part:
        kind, name = part["$ref"].split("/")[2:]
        part = document["components"][kind][name]
    return part


def check(document: Any, schema: Any, instance: Any) -> None:
    whole = {**schema, "components": document["components"]}
    errors = Draft202012Validator(whole).iter_errors(instance)
    assert [error.message for error in errors] == []


class Overheard(httpx.AsyncBaseTransport):
    """Speaks to a simulated platform and remembers what was said."""

    def __init__(self, clock: SimulatorClock) -> None:
        self._inner = AsgiTransport(app=create(WORLD, clock))
        self.heard: list[tuple[httpx.Request, bytes]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        self.heard.append((request, body))
        stream = httpx.ByteStream(body)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)


def test_the_contract_is_valid_openapi_and_has_the_simulators_paths(document: Any) -> None:
    validate(document)
    spoken = {route.path for route in create(WORLD).routes if isinstance(route, Route)}
    assert {path for path in spoken if path.startswith("/gateway/")} == set(document["paths"])


@pytest.mark.parametrize("claim", [claim for claim, _ in TRUTH], ids=range(len(TRUTH)))
async def test_what_the_adapter_asks_and_hears_is_in_the_contract(
    document: Any, clock: SimulatorClock, asker: Asker, claim: Claim
) -> None:
    wire = Overheard(clock)
    async with open_client("http://platform.invalid", transport=wire) as client:
        reply = await open_adapter(client, clock).check([claim], asker, trace_id="t")
    assert len(wire.heard) == 2
    for request, answered in wire.heard:
        path = document["paths"][request.url.path]
        check(document, asked_schema(document, path), dict(parse_qsl(request.content.decode())))
        check(document, said_schema(document, path), json.loads(answered))
        for named in path.get("parameters", ()):
            check(document, named["schema"], request.headers[named["name"]])
        assert not request.url.query
    ground = json.loads(dict(parse_qsl(reply.asked.decode()))["additional"])
    check(document, document["components"]["schemas"]["Ground"], ground)


FORMS = ["as_list", "as_text", "blank", "empty_list_text", "null", "nested", "nested_failure"]


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_of_datas_is_in_the_contract(
    document: Any, clock: SimulatorClock, asker: Asker, form: str
) -> None:
    wire = Overheard(clock)
    async with open_client("http://platform.invalid", transport=wire) as client:
        armed = {"script": [{"operation": CHECK, "kind": form}]}
        assert (await client.post("/_simulator/faults", json=armed)).status_code == 200
        with suppress(SystemFailure):
            await open_adapter(client, clock).check([ONE], asker, trace_id="t")
    request, answered = wire.heard[-1]
    check(
        document, said_schema(document, document["paths"][request.url.path]), json.loads(answered)
    )


def asked_schema(document: Any, path: Any) -> Any:
    return resolved(document, path["post"]["requestBody"])["content"][FORM]["schema"]


def said_schema(document: Any, path: Any) -> Any:
    said = resolved(document, path["post"]["responses"]["200"])["content"]
    return said["application/json"]["schema"]
