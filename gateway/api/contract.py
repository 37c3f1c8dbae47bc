"""Keeps our promises: the committed OpenAPI document and dated examples against the app."""

import json
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import RouteContext
from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.api.guards import routes_of
from gateway.api.openapi import describe
from gateway.web.problems import ProblemDocument

_EXAMPLE = re.compile(r"([A-Za-z]+)(?:-[a-z0-9-]+)?_([0-9]{4}-[0-9]{2}-[0-9]{2})\.json")


def rendered(app: FastAPI) -> str:
    """The app's OpenAPI document as it is committed and served."""
    return json.dumps(describe(app), ensure_ascii=False, indent=2) + "\n"


def write_contract(app: FastAPI, folder: Path) -> None:
    """Write the document to `folder`/openapi.json."""
    (folder / "openapi.json").write_text(rendered(app), "utf-8")


def contracts_check(app: FastAPI, folder: Path) -> list[str]:
    """What is broken, one sentence each: document outdated, or an example that no longer parses.

    Examples are named `Model_2026-11-22.json` or `Model-which_2026-11-22.json` and hold one body.
    """
    committed = folder / "openapi.json"
    broken = []
    if not committed.exists() or committed.read_text("utf-8") != rendered(app):
        broken.append("contracts/gateway/openapi.json differs from the app: regenerate, review")
    models = promised_models(app)
    for path in sorted((folder / "examples").glob("*.json")):
        broken.extend(_broken_example(path, models))
    return broken


def promised_models(app: FastAPI) -> dict[str, type]:
    """Every model the app answers with, by name."""
    models: list[type] = [ProblemDocument]
    for route in routes_of(app):
        models.extend(_answered(route))
    return {model.__name__: model for model in models}


def _answered(route: RouteContext) -> Iterator[type]:
    declared = [answer.get("model") for answer in route.responses.values()]
    for model in (route.response_model, *declared):
        if isinstance(model, type) and (issubclass(model, BaseModel) or is_dataclass(model)):
            yield model


def _broken_example(path: Path, models: dict[str, type]) -> Iterator[str]:
    named = _EXAMPLE.fullmatch(path.name)
    if named is None or named[1] not in models:
        yield f"{path.name}: no answer of ours has this name"
        return
    shape: TypeAdapter[Any] = TypeAdapter(models[named[1]])
    example = json.loads(path.read_text("utf-8"))
    try:
        understood = shape.dump_python(shape.validate_python(example), mode="json", by_alias=True)
    except ValidationError as error:
        places = sorted({"/".join(map(str, fault["loc"])) for fault in error.errors()})
        yield f"{path.name}: no longer parses at {', '.join(places)}"
        return
    if lost := sorted(_lost(example, understood, "")):
        yield f"{path.name}: no longer understood: {', '.join(lost)}"


def _lost(promised: Any, understood: Any, place: str) -> Iterator[str]:
    if isinstance(promised, dict) and isinstance(understood, dict):
        for name, value in promised.items():
            if name not in understood:
                yield f"{place}/{name}"
            else:
                yield from _lost(value, understood[name], f"{place}/{name}")
    elif isinstance(promised, list) and isinstance(understood, list):
        for index, (left, right) in enumerate(zip(promised, understood, strict=False)):
            yield from _lost(left, right, f"{place}/{index}")
