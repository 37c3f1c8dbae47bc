import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from gateway.api.contract import contracts_check, rendered, write_contract
from tests.access.desk import Desk
from tests.api.app import app_of


async def test_our_openapi_document_is_valid_and_says_what_every_route_shares(desk: Desk):
    document = json.loads(rendered(app_of(desk)))
    validate(document)
    report = document["paths"]["/v1/handovers/{handover_id}/report"]["post"]
    required = {each["name"]: each["required"] for each in report["parameters"]}
    assert required["Jisui-Purpose"] is True
    assert required["X-Road-Issue"] is True
    assert required["X-Road-UserId"] is False
    assert report["security"] == [{"client": []}]
    assert report["x-jisui-operation"] == "handover.report"
    assert "422" not in report["responses"]
    assert "security" not in document["paths"]["/v1/token"]["post"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_the_document_is_the_same_each_time_it_is_made(desk: Desk):
    assert rendered(app_of(desk)) == rendered(app_of(desk))


@pytest.fixture
def folder(tmp_path: Path, desk: Desk) -> Path:
    (tmp_path / "examples").mkdir()
    write_contract(app_of(desk), tmp_path)
    return tmp_path


def write(folder: Path, name: str, body: object) -> None:
    (folder / "examples" / name).write_text(json.dumps(body), "utf-8")


async def test_a_kept_contract_has_nothing_broken(folder: Path, desk: Desk):
    write(folder, "Alive_2026-11-22.json", {"status": "alive"})
    write(folder, "Readiness-not-ready_2026-11-22.json", {"ready": False, "checks": {"a": False}})
    assert contracts_check(app_of(desk), folder) == []


async def test_an_outdated_document_is_broken(folder: Path, desk: Desk):
    document = json.loads((folder / "openapi.json").read_text("utf-8"))
    del document["paths"]["/livez"]
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    assert len(contracts_check(app_of(desk), folder)) == 1
    (folder / "openapi.json").unlink()
    assert len(contracts_check(app_of(desk), folder)) == 1


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("TokenGranted_2026-11-22.json", {"access_token": "a"}, "no longer parses at expires_in"),
        ("Alive_2026-11-22.json", {"status": "alive", "since": 1}, "no longer understood: /since"),
        (
            "Readiness_2026-11-22.json",
            {"ready": True, "checks": {}, "lanes": [{"system": "a", "state": "open", "load": 1}]},
            "no longer understood: /lanes/0/load",
        ),
        ("Forgotten_2026-11-22.json", {}, "no answer of ours"),
        ("undated.json", {}, "no answer of ours"),
    ],
)
async def test_an_example_that_is_no_longer_kept_is_broken(
    folder: Path, desk: Desk, name: str, body: object, said: str
):
    write(folder, name, body)
    (broken,) = contracts_check(app_of(desk), folder)
    assert said in broken
