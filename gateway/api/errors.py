"""Every failure becomes a problem; none of them repeats what was sent."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from contracts.errors import Closed, SystemFailure, Unavailable
from gateway.access.refusals import (
    Denied,
    HeaderMalformed,
    HeaderMissing,
    InvalidClient,
    Stopped,
    Unauthenticated,
)
from gateway.evidence.witnessing.failures import EvidenceStopped
from gateway.logs import trace_id
from gateway.metrics import Metrics
from gateway.web.problems import Fault, Kind, Problem, catalogue, render

_BY_STATUS = {
    404: Kind.NOT_FOUND,
    405: Kind.METHOD_NOT_ALLOWED,
    413: Kind.TOO_LARGE,
    415: Kind.UNSUPPORTED_MEDIA_TYPE,
    422: Kind.INVALID_REQUEST,
    503: Kind.UNAVAILABLE,
}
_RETRY_SECONDS = 30.0

# What pydantic calls a fault, in words; its own sentences may quote the input.
_WORDS = {
    "missing": ("缺少此项。", "This is required."),
    "extra_forbidden": ("不接受此项。", "This is not accepted."),
    "string_too_short": ("太短。", "Too short."),
    "string_too_long": ("太长。", "Too long."),
    "too_long": ("项目太多。", "Too many items."),
    "too_short": ("项目太少。", "Too few items."),
    "string_pattern_mismatch": ("格式不符。", "Not in the agreed form."),
    "literal_error": ("不在允许的值之内。", "Not one of the allowed values."),
    "enum": ("不在允许的值之内。", "Not one of the allowed values."),
}
_OTHER_WORDS = ("类型或取值不符合约定。", "Of the wrong type or value.")


def install_problems(app: FastAPI, metrics: Metrics, known_names: Callable[[], set[str]]) -> None:
    """Let `app` answer every failure with a problem and count it.

    `known_names` are the names the contract itself uses; a fault's pointer holds no other.
    """

    def respond(problem: Problem) -> Response:
        row = catalogue()[problem.kind]
        metrics.problems.labels(problem.kind, problem.system or row.fault).inc()
        return render(problem, trace_id())

    def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return respond(invalid_request(error.errors(), known_names()))

    def failed(_: Request, error: Exception) -> Response:
        return respond(problem_of(error))

    app.add_exception_handler(RequestValidationError, invalid)
    for kind in (HTTPException, SystemFailure, *_REFUSALS):
        app.add_exception_handler(kind, failed)


def problem_of(error: Exception) -> Problem:
    """The problem an expected failure is answered with."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        kind = _BY_STATUS.get(error.status_code, Kind.BAD_REQUEST)
        return Problem(kind, headers=error.headers)
    if isinstance(error, SystemFailure):
        return _system_problem(error)
    return _REFUSALS[type(error)](error)


def invalid_request(errors: Sequence[Mapping[str, Any]], known_names: set[str]) -> Problem:
    """Validation faults by place and kind, without the value, and without names we do not know."""
    return Problem(Kind.INVALID_REQUEST, [_fault(error, known_names) for error in errors[:100]])


def _fault(error: Mapping[str, Any], known_names: set[str]) -> Fault:
    place = [
        str(part) if isinstance(part, int) or part in known_names else "*"
        for part in error["loc"][1:]
    ]
    detail, detail_en = _WORDS.get(error["type"], _OTHER_WORDS)
    code = error["type"] if error["type"] in _WORDS else "invalid"
    return Fault(code, "/".join(["#", *place]), detail, detail_en)


def _system_problem(failure: SystemFailure) -> Problem:
    waiting = isinstance(failure, Unavailable | Closed)
    return Problem(
        Kind.SYSTEM_UNAVAILABLE if waiting else Kind.SYSTEM_REFUSED,
        system=failure.fault,
        members={"upstream_system": failure.system},
        retry_after=(failure.retry_after or _RETRY_SECONDS) if waiting else None,
    )


def _unauthenticated(_: Exception) -> Problem:
    return Problem(Kind.UNAUTHENTICATED, headers={"WWW-Authenticate": 'Bearer realm="jisui"'})


def _denied(_: Exception) -> Problem:
    return Problem(Kind.NOT_FOUND)  # word for word what absence is answered with


def _stopped(_: Exception) -> Problem:
    return Problem(Kind.ACCESS_STOPPED)


def _evidence_stopped(_: Exception) -> Problem:
    return Problem(Kind.EVIDENCE_STOPPED, retry_after=_RETRY_SECONDS)


def _invalid_client(_: Exception) -> Problem:
    return Problem(Kind.INVALID_CLIENT, members={"error": "invalid_client"})


def _missing(error: Exception) -> Problem:
    assert isinstance(error, HeaderMissing)
    words = _WORDS["missing"]
    return Problem(Kind.HEADER_MISSING, [Fault("missing", name, *words) for name in error.names])


def _malformed(error: Exception) -> Problem:
    assert isinstance(error, HeaderMalformed)
    words = _WORDS["string_pattern_mismatch"]
    return Problem(Kind.HEADER_MALFORMED, [Fault("malformed", error.name, *words)])


_REFUSALS: dict[type[Exception], Callable[[Exception], Problem]] = {
    Unauthenticated: _unauthenticated,
    Denied: _denied,
    Stopped: _stopped,
    InvalidClient: _invalid_client,
    EvidenceStopped: _evidence_stopped,
    HeaderMissing: _missing,
    HeaderMalformed: _malformed,
}
