"""Our own contract: the OpenAPI document of the app, completed with what every route shares."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext

from gateway.access.facts import CASE_HEADER, PURPOSE_HEADER, USER_HEADER
from gateway.access.policy import load_policy
from gateway.access.vocabulary import ACTS_OF_A_PERSON, Operation, Purpose
from gateway.api.guards import operation_of, routes_of
from gateway.web.problems import MEDIA_TYPE, ProblemDocument

_PROBLEM = {"$ref": "#/components/schemas/ProblemDocument"}
_SHARED = {
    "default": {
        "description": "问题说明 · A problem (RFC 9457); see /problems.",
        "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
    }
}
_SECURITY = {
    "client": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "令牌由 POST /v1/token 取得（private_key_jwt，RFC 7523），十分钟有效。"
        " A token from POST /v1/token, good for ten minutes.",
    }
}
_TRACE = {
    "name": "X-Road-Id",
    "in": "header",
    "required": False,
    "description": "追踪号，原样返回；缺省时由网关给出。 The trace id, echoed.",
    "schema": {"type": "string", "maxLength": 64},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document; made once, then kept by the app."""
    if app.openapi_schema is None:
        app.openapi_schema = _described(app)
    return app.openapi_schema


def known_names(app: FastAPI) -> set[str]:
    """Every property and parameter name the contract uses."""
    names: set[str] = set()
    _collect(describe(app), names)
    return names


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        routes=app.routes,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for framework_own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework_own, None)
    schemas |= _problem_schemas()
    components["securitySchemes"] = _SECURITY
    touching = load_policy().touching_a_child
    for route in routes_of(app):
        if route.include_in_schema:
            _complete(document["paths"], route, touching)
    _translate_patterns(document)
    return document


def _translate_patterns(node: Any) -> None:
    """Write patterns as JSON Schema has them: there `^` and `$` mean the ends of the whole text."""
    if isinstance(node, list):
        for item in node:
            _translate_patterns(item)
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            node["pattern"] = node["pattern"].replace(r"\A", "^").replace(r"\z", "$")
        for value in node.values():
            _translate_patterns(value)


def _complete(paths: dict[str, Any], route: RouteContext, touching: frozenset[Operation]) -> None:
    operation = operation_of(route)
    for method in route.methods or ():
        described = paths[str(route.path_format)][method.lower()]
        described["responses"].pop("422", None)
        described["responses"] |= _SHARED
        headers = [_TRACE] if operation is None else [_TRACE, *_headers(operation, touching)]
        described.setdefault("parameters", []).extend(headers)
        if operation is not None:
            described["security"] = [{"client": []}]
            described["x-jisui-operation"] = str(operation)


def _headers(operation: Operation, touching: frozenset[Operation]) -> list[dict[str, Any]]:
    child = operation in touching
    purposes = {"type": "string", "enum": [str(purpose) for purpose in Purpose]}
    text = {"type": "string", "maxLength": 256}
    return [
        _header(PURPOSE_HEADER, child, purposes, "目的 · The purpose."),
        _header(CASE_HEADER, child, text, "案号/办件号 · The case."),
        _header(USER_HEADER, operation in ACTS_OF_A_PERSON, text, "经办人 · The person acting."),
    ]


def _header(name: str, required: bool, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": text,
        "schema": schema,
    }


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ProblemDocument": schema}


def _collect(node: Any, names: set[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _collect(item, names)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("properties"), dict):
        names.update(node["properties"])
    if "in" in node and isinstance(node.get("name"), str):
        names.add(node["name"])
    for value in node.values():
        _collect(value, names)
