"""Problem details (RFC 9457): one table says what can go wrong, whose side it is, what to do."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class Kind(StrEnum):
    """Every problem we answer with; a row of `problems.csv` each."""

    BAD_REQUEST = "bad_request"
    JSON_REFUSED = "json_refused"
    HEADER_MISSING = "header_missing"
    HEADER_MALFORMED = "header_malformed"
    UNAUTHENTICATED = "unauthenticated"
    INVALID_CLIENT = "invalid_client"
    INVALID_TOKEN_REQUEST = "invalid_token_request"  # noqa: S105
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_SLOW = "too_slow"
    CONFLICT = "conflict"
    GONE_STALE = "gone_stale"
    TRIMMED = "trimmed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    INVALID_REQUEST = "invalid_request"
    KEY_REUSED = "key_reused"
    STILL_RUNNING = "still_running"
    QUERIES_STOPPED = "queries_stopped"
    ACCESS_STOPPED = "access_stopped"
    QUOTA_EXCEEDED = "quota_exceeded"
    PRECONDITION_REQUIRED = "precondition_required"
    INTERNAL = "internal"
    SYSTEM_REFUSED = "system_refused"
    UNAVAILABLE = "unavailable"
    UNWITNESSED = "unwitnessed"
    EVIDENCE_STOPPED = "evidence_stopped"
    SYSTEM_UNAVAILABLE = "system_unavailable"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, and why in Chinese and English; never what was sent.

    `pointer` is a JSON pointer as a fragment (`#/rows/3/name`), a header's or a column's name.
    """

    code: str
    pointer: str
    detail: str
    detail_en: str
    remedy: str = ""
    remedy_en: str = ""


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One row of the catalogue; `fault` is caller, gateway or system."""

    kind: Kind
    status: int
    fault: str
    retryable: bool
    title: str
    title_en: str
    detail: str
    detail_en: str
    remedy: str
    remedy_en: str


class Problem(HTTPException):
    """An answer that is a problem; the framework carries it out of any depth.

    `detail` and `detail_en` replace the catalogue's sentence where more can be said, `system`
    names whose side failed, `members` adds extension members, `retry_after` is in seconds.
    """

    def __init__(
        self,
        kind: Kind,
        faults: Sequence[Fault] = (),
        *,
        detail: str = "",
        detail_en: str = "",
        system: str = "",
        members: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(catalogue()[kind].status, detail=str(kind), headers=headers)
        self.kind = kind
        self.faults = tuple(faults)
        self.said = (detail, detail_en)
        self.system = system
        self.members = members or {}
        self.retry_after = retry_after


class FaultDocument(BaseModel):
    """One thing that is wrong."""

    code: str
    pointer: str
    detail: str
    detail_en: str
    remedy: str = ""
    remedy_en: str = ""


class ProblemDocument(BaseModel):
    """What an unsuccessful request is answered with; Chinese first, English beside it."""

    type: str = Field(examples=["/problems/not_found"])
    title: str
    title_en: str
    status: int
    detail: str
    detail_en: str
    remedy: str = Field(description="What to do next.")
    remedy_en: str
    fault: str = Field(description="Whose side failed: caller, gateway, or a system's name.")
    retryable: bool
    trace_id: str = Field(description="Quote this when asking for help; echoed as X-Road-Id.")
    errors: list[FaultDocument] | None = None
    error: str | None = Field(None, description="OAuth 2.0's word, at the token address only.")
    upstream_system: str | None = Field(None, description="The system that was being asked.")


@cache
def catalogue() -> Mapping[Kind, ProblemType]:
    """Every problem type by its kind, read once."""
    text = files("gateway.web").joinpath("problems.csv").read_text("utf-8")
    rows = [_problem_type(row) for row in csv.DictReader(text.splitlines())]
    return {row.kind: row for row in rows}


def _problem_type(row: dict[str, str]) -> ProblemType:
    typed: dict[str, Any] = {
        **row,
        "kind": Kind(row["kind"]),
        "status": int(row["status"]),
        "retryable": row["retryable"] == "yes",
    }
    return ProblemType(**typed)


def document(problem: Problem, trace_id: str) -> dict[str, Any]:
    """The problem as the members of its JSON document."""
    row = catalogue()[problem.kind]
    detail, detail_en = problem.said
    members = {
        "type": f"/problems/{row.kind}",
        "title": row.title,
        "title_en": row.title_en,
        "status": row.status,
        "detail": detail or row.detail,
        "detail_en": detail_en or row.detail_en,
        "remedy": row.remedy,
        "remedy_en": row.remedy_en,
        "fault": problem.system or row.fault,
        "retryable": row.retryable,
        "trace_id": trace_id,
    }
    if problem.faults:
        members["errors"] = [_members(fault) for fault in problem.faults]
    return {**members, **problem.members}


def _members(fault: Fault) -> dict[str, str]:
    return {name: getattr(fault, name) for name in Fault.__slots__ if getattr(fault, name)}


def render(problem: Problem, trace_id: str) -> JSONResponse:
    """The problem as a response; X-Road-Error says that the fault is the gateway's own."""
    row = catalogue()[problem.kind]
    headers = {**(problem.headers or {}), "Content-Language": "zh-CN", "Cache-Control": "no-store"}
    if row.fault == "gateway":
        headers["X-Road-Error"] = str(row.kind)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return JSONResponse(
        document(problem, trace_id),
        status_code=row.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )
