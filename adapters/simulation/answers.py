"""Answers of the JSON registers: each bound to its question, each refusal with a code."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.responses import JSONResponse, Response

from adapters.simulation.operations import Call

# Kinds of fault every JSON register knows besides those of the transport: `forbidden` and
# `closed` refuse; with `unbound` and `incomplete` the operation is done and the answer is wrong.
OWN_FAULTS = frozenset({"forbidden", "closed", "unbound", "incomplete"})

_M = TypeVar("_M", bound=BaseModel)


class Asked(BaseModel):
    """What the questions of the JSON registers have in common: nothing may be added."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)


def answering(model: type[_M], act: Callable[[_M, Call], Response]) -> Callable[[Call], Response]:
    """An operation's answer that refuses what is not laid out as `model` says."""

    def answer(call: Call) -> Response:
        refusal = refused_at_the_door(call)
        if refusal is not None:
            return refusal
        if call.question is None:
            return refuse(call, 400, "unreadable")
        try:
            question = model.model_validate(call.question)
        except ValidationError:
            return refuse(call, 422, "invalid")
        return act(question, call)

    return answer


def refused_at_the_door(call: Call) -> Response | None:
    """The refusal of a call whose content does not matter yet, or None."""
    if not call.headers.get("x-road-client"):
        return refuse(call, 401, "client_missing")
    if not call.headers.get("x-road-id"):
        return refuse(call, 400, "id_missing")
    match call.fault.kind if call.fault else None:
        case "forbidden":
            return refuse(call, 403, "forbidden")
        case "closed":
            return refuse(call, 503, "closed", retry_after="1800")
    return None


def accept(call: Call, answer: dict[str, Any], status: int = 200) -> Response:
    """The answer, bound to its question, with the register's time in it."""
    kind = call.fault.kind if call.fault else None
    body = {"answeredAt": call.at.isoformat(), **answer}
    if kind == "incomplete":
        body.popitem()
    bound = _binding(call, "unbound") if kind == "unbound" else _binding(call)
    return JSONResponse(body, status_code=status, headers=bound)


def refuse(
    call: Call,
    status: int,
    code: str,
    *,
    holder: dict[str, Any] | None = None,
    retry_after: str | None = None,
) -> Response:
    """A refusal with its code; a conflict names the `holder` of what was asked for."""
    headers = _binding(call)
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    body = {"code": code} | ({"holder": holder} if holder else {})
    return JSONResponse(body, status_code=status, headers=headers)


def _binding(call: Call, spoilt: str = "") -> dict[str, str]:
    trace_id = call.headers.get("x-road-id", "")
    digest = hashlib.sha512(f"{trace_id}\n{call.path}\n{spoilt}".encode() + call.body).digest()
    return {"X-Road-Id": trace_id, "X-Request-Hash": base64.b64encode(digest).decode()}
