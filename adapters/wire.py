"""The JSON protocol of the registers and the enrolment platform, from the asking side.

Questions are POSTed, so that nothing personal stands in an address. An answer counts when it is
bound to its question by hash and laid out as its contract says; anything else is named by what
the caller must do next.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from adapters import transport
from contracts.capabilities import Reply
from contracts.errors import (
    Closed,
    Malformed,
    NotEntitled,
    OutcomeUnknown,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)

JSON = "application/json"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_SECONDS = re.compile(r"[0-9]{1,6}")
_REFUSALS: Mapping[int, type[SystemFailure]] = {
    400: Malformed,
    401: NotEntitled,
    403: NotEntitled,
    404: NotEntitled,  # a wrong address is an operator's matter
    405: NotEntitled,
    413: TooMany,
    415: Malformed,
    422: Malformed,
    429: Closed,
}


class Said(BaseModel):
    """What a system says; what it says beyond its contract is passed over."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="ignore",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )


class Holder(Said):
    """Who has what we asked for."""

    school: Annotated[str, Field(pattern=r"\A[0-9]{10}\z")]
    approved: bool


class Problem(Said):
    """Why a system refuses: its own code, and who is in the way."""

    code: Annotated[str, Field(pattern=r"\A[a-z_]{1,40}\z")]
    holder: Holder | None = None


_M = TypeVar("_M", bound=Said)
Conflict = Callable[[Problem], SystemFailure]


class OutsideContract(Exception):
    """Something in an answer is not as the contract says; turned into a failure by its reader."""


@dataclass(frozen=True, slots=True)
class Line:
    """A system at the end of a client: its name in failures, and ours on its wire."""

    client: transport.Client
    system: str
    caller: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question on its way; `conflict` names what a 409 to it means."""

    operation: str
    path: str
    body: bytes
    trace_id: str
    content: str = JSON
    request_id: str | None = None
    writing: bool = False
    conflict: Conflict | None = None


def encode(line: Line, operation: str, question: Mapping[str, object]) -> bytes:
    """The question as bytes; `Malformed` where a text of ours is no Unicode."""
    try:
        return json.dumps(question, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise Malformed(line.system, operation, "encoding") from None


async def ask(line: Line, request: Request, model: type[_M]) -> Reply[_M]:
    """The system's answer, or the failure that says what to do next."""
    answer = await _post(line, request)
    bound = answer.headers.get("x-request-hash") == _hash(request)
    if answer.status not in (200, 201):
        raise _failure(line, request, answer, bound=bound)
    if not bound:
        raise outside(line, request, "unbound")
    try:
        said = model.model_validate_json(answer.body)
    except ValidationError:
        raise outside(line, request, "layout") from None
    return Reply(said, asked=request.body, answered=answer.body)


@contextmanager
def within_contract(line: Line, request: Request) -> Iterator[None]:
    """Turn `OutsideContract` into the failure it means for this request."""
    try:
        yield
    except OutsideContract:
        raise outside(line, request, "layout") from None


async def _post(line: Line, request: Request) -> transport.Answer:
    try:
        return await transport.post(
            line.client,
            request.path,
            request.body,
            system=line.system,
            operation=request.operation,
            headers=_headers(line, request),
            writing=request.writing,
        )
    except Unreadable as failure:  # after a write too, where it tells nothing of what was done
        raise outside(line, request, failure.code) from None


def outside(line: Line, request: Request, code: str) -> SystemFailure:
    """The failure for an answer outside the contract: after a write, nobody knows."""
    lost = OutcomeUnknown if request.writing else Unreadable
    return lost(line.system, request.operation, code)


def _headers(line: Line, request: Request) -> dict[str, str]:
    headers = {
        "Content-Type": request.content,
        "X-Road-Client": line.caller,
        "X-Road-Id": request.trace_id,
    }
    return headers | ({"X-Request-Id": request.request_id} if request.request_id else {})


def _hash(request: Request) -> str:
    asked = f"{request.trace_id}\n{request.path}\n".encode() + request.body
    return base64.b64encode(hashlib.sha512(asked).digest()).decode()


def _failure(
    line: Line, request: Request, answer: transport.Answer, *, bound: bool
) -> SystemFailure:
    problem = _problem(answer.body) if bound else None
    code = problem.code if problem else str(answer.status)
    wait = _retry_after(answer.headers)
    if answer.status == 409 and problem and request.conflict:
        return request.conflict(problem)
    # Only the system's own word tells that a 5xx changed nothing; anybody between may send one.
    if answer.status == 503 and problem and problem.code == "closed":
        return Closed(line.system, request.operation, code, retry_after=wait)
    if answer.status >= 500:
        lost = OutcomeUnknown if request.writing else Unavailable
        return lost(line.system, request.operation, code, retry_after=wait)
    refusal = _REFUSALS.get(answer.status)
    if refusal is None:
        return outside(line, request, code)
    return refusal(line.system, request.operation, code, retry_after=wait)


def _problem(body: bytes) -> Problem | None:
    try:
        return Problem.model_validate_json(body)
    except ValidationError:
        return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    said = headers.get("retry-after", "")
    return float(said) if _SECONDS.fullmatch(said) else None
