"""Adapter, simulator and written contract say the same; each is held against the YAML."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.routing import Route

import contracts
from adapters import registry, transport
from adapters.preschool.adapter import Preschool
from adapters.student_status.adapter import StudentStatus
from adapters.world import World
from contracts.capabilities import (
    Advance,
    ByDocument,
    ByGuardian,
    ByNumber,
    ByPerson,
    Enrolment,
    Question,
)
from contracts.records import Document
from mappings import Crosswalks
from tests.adapters.small_world import GRADUATED, GUARDIAN, KINDERGARTEN, SCHOOL
from tests.adapters.test_student_status import child_of

PARTIES = ("enrolment_platform", "preschool", "student_status")
QUESTIONS: tuple[Question, ...] = (
    ByNumber(f"G{GRADUATED}"),
    ByDocument(Document("1", "居民身份证", GRADUATED)),
    ByPerson("古丽·虚构", "1", date(2018, 1, 1)),
    ByGuardian(GUARDIAN),
)
MARK = Advance("r-1", "XQ00000001", f"G{GRADUATED}", SCHOOL, date(2026, 9, 1))


def contract(party: str) -> Any:
    folder = Path(contracts.__file__).parent / party
    return yaml.safe_load((folder / "openapi.yaml").read_text("utf-8"))


def operations(document: Any) -> dict[str, Any]:
    return {path["post"]["operationId"]: path["post"] for path in document["paths"].values()}


def check(document: Any, schema: Any, instance: Any) -> None:
    whole = {**schema, "components": document["components"]}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(instance)] == []


def check_question(document: Any, operation: str, question: Any) -> None:
    content = operations(document)[operation]["requestBody"]["content"]
    if "application/json" in content:
        check(document, content["application/json"]["schema"], question)


def check_answer(document: Any, operation: str, status: int, answer: bytes) -> None:
    said = operations(document)[operation]["responses"][str(status)]["$ref"].rsplit("/", 1)[1]
    schema = document["components"]["responses"][said]["content"]["application/json"]["schema"]
    check(document, schema, json.loads(answer))


@pytest.mark.parametrize("party", PARTIES)
def test_the_contract_is_valid_openapi_and_has_the_simulators_paths(
    party: str, world: World
) -> None:
    document = contract(party)
    validate(document)
    (system,) = [system for system in registry.SYSTEMS if system.name == party]
    simulator = system.simulate(world)
    assert isinstance(simulator, Starlette)
    spoken = {route.path for route in simulator.routes if isinstance(route, Route)}
    assert {path for path in spoken if path.startswith("/v1/")} == set(document["paths"])


async def test_what_the_preschool_adapter_asks_and_hears_is_in_the_contract(
    preschool: Preschool, preschool_client: transport.Client
) -> None:
    heard = {
        "query": await preschool.find(QUESTIONS, trace_id="t"),
        "advance": await preschool.advance(MARK, trace_id="t"),
        "lookup": await preschool.advancement("r-1", trace_id="t"),
        "undo": await preschool.undo_advance(MARK, trace_id="t"),
        "changes": await preschool.preschool_changes(0, 10, trace_id="t"),
        "institutions": await preschool.institutions([KINDERGARTEN, SCHOOL], trace_id="t"),
        "roll": await preschool.roll("999999", "", 10, trace_id="t"),
    }
    await check_all(contract("preschool"), preschool_client, heard)


async def test_what_the_student_adapter_asks_and_hears_is_in_the_contract(
    students: StudentStatus, student_client: transport.Client, crosswalks: Crosswalks
) -> None:
    enrolment = Enrolment("r-1", SCHOOL, child_of(crosswalks))
    heard = {
        "create": await students.create(enrolment, trace_id="t"),
        "query": await students.find(QUESTIONS, trace_id="t"),
        "students": await students.students_of(SCHOOL, trace_id="t"),
        "remove": await students.remove("r-1", trace_id="t"),
        "lookup": await students.enrolment("r-1", trace_id="t"),
        "changes": await students.student_changes(0, 10, trace_id="t"),
        "institutions": await students.institutions([KINDERGARTEN, SCHOOL], trace_id="t"),
    }
    await check_all(contract("student_status"), student_client, heard)


async def check_all(document: Any, client: transport.Client, heard: Mapping[str, Any]) -> None:
    log = (await client.get("/_simulator/requests")).json()
    assert sorted(entry["operation"] for entry in log) == sorted(heard)
    for entry in log:
        check_question(document, entry["operation"], entry["question"])
    for operation, reply in heard.items():
        created = "201" in operations(document)[operation]["responses"]
        check_answer(document, operation, 201 if created else 200, reply.answered)


REFUSED = [
    ("/v1/advancements", {"requestId": "r"}, {}, 422),
    ("/v1/records/query", {"questions": [{"number": "G"}] * 101}, {}, 413),
    ("/v1/records/query", {"questions": []}, {}, 422),
    ("/v1/records/query", {"questions": [{"number": "G", "name": "x"}]}, {}, 422),
    ("/v1/changes", {"after": 0, "limit": 1}, {"X-Road-Client": ""}, 401),
    ("/v1/changes", {"after": 0, "limit": 1}, {"X-Road-Id": ""}, 400),
    ("/v1/advancements/undo", {"requestId": "r-9"}, {}, 409),
    ("/v1/changes", None, {}, 400),
]


@pytest.mark.parametrize(("path", "question", "headers", "status"), REFUSED)
async def test_each_refusal_is_laid_out_and_bound_as_the_contract_says(
    preschool_client: transport.Client,
    path: str,
    question: Any,
    headers: dict[str, str],
    status: int,
) -> None:
    body = json.dumps(question).encode() if question else b"no json"
    sent = {"X-Road-Client": "CN/GOV/TEST", "X-Road-Id": "t-1"} | headers
    answer = await preschool_client.post(path, content=body, headers=sent)
    assert answer.status_code == status
    document = contract("preschool")
    check(document, {"$ref": "#/components/schemas/Problem"}, answer.json())
    digest = hashlib.sha512(f"{sent['X-Road-Id']}\n{path}\n".encode() + body).digest()
    assert answer.headers["X-Request-Hash"] == base64.b64encode(digest).decode()


async def test_a_number_taken_names_its_holder_as_the_contract_says(
    student_client: transport.Client,
) -> None:
    wish = {
        "requestId": "r-1",
        "school": SCHOOL,
        "student": {"grbsm": "G999999201801010057", "xm": "试"},
    }
    headers = {"X-Road-Client": "CN/GOV/TEST", "X-Road-Id": "t-1"}
    answer = await student_client.post("/v1/students", json=wish, headers=headers)
    assert answer.status_code == 409
    check_answer(contract("student_status"), "create", 409, answer.content)
    assert answer.json()["holder"]["approved"] is True
