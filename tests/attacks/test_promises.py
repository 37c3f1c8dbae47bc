"""What we publish is what the whole gateway does, with an example of every answer."""

import json
import re

from openapi_spec_validator import validate

from gateway.api.contract import contracts_check, promised_models
from gateway.cli.promises import PUBLISHED, whole_app

DOCUMENT = json.loads((PUBLISHED / "openapi.json").read_text("utf-8"))


async def test_the_published_document_and_every_example_hold_for_the_whole_gateway():
    async with whole_app() as app:
        assert contracts_check(app, PUBLISHED) == []
        promised = set(promised_models(app))
    shown = {path.name.partition("_")[0].partition("-")[0] for path in examples()}
    assert shown == promised


def test_the_published_document_is_one():
    validate(DOCUMENT)
    taken = DOCUMENT["paths"]["/v1/intakes"]["post"]["requestBody"]["content"]
    assert len(taken) == 3
    assert re.findall(r'"pattern": "[^"]*\\\\[Az]', json.dumps(DOCUMENT)) == []


def test_every_example_is_of_invented_people():
    # Whole numbers alone: a digest in hexadecimal may hold such a run of digits by chance.
    numbers = re.compile(r"(?<![0-9A-Za-z])[GJL]?([0-9]{17}[0-9X])(?![0-9A-Za-z])")
    for path in examples():
        for number in numbers.findall(path.read_text("utf-8")):
            assert number.startswith(("999999", "990000")), path.name


def examples():
    return sorted((PUBLISHED / "examples").glob("*.json"))
