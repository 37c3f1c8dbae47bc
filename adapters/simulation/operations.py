"""One operation of a simulated protocol, answered with the faults and the log around it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.simulation import breaking
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.faults import TRANSPORT_KINDS, Fault, Faults


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is asked; `fault` is armed for it and of the system's own kinds."""

    operation: str
    path: str
    body: bytes
    question: Any
    headers: Mapping[str, str]
    parameters: Mapping[str, str]
    at: datetime
    fault: Fault | None


def decode_json(body: bytes) -> Any:
    """The JSON value in the bytes, or None where there is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation's name (in plans and logs), its path, its answer, how its question is read.

    `answer` does all its work without awaiting, so that it is carried out wholly or not at all.
    """

    name: str
    path: str
    answer: Callable[[Call], Response]
    decode: Callable[[bytes], Any] = decode_json


@dataclass(slots=True)
class Surroundings:
    """What the operations of one simulator have in common; `log` grows with every call."""

    clock: SimulatorClock
    faults: Faults
    latency_seconds: float = 0.0
    log: list[dict[str, Any]] = field(default_factory=list)


class Endpoint:
    """The ASGI application of one operation."""

    def __init__(self, operation: Operation, surroundings: Surroundings) -> None:
        self._operation = operation
        self._around = surroundings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Log the call and answer it, or break it as the fault plan says."""
        request = Request(scope, receive)
        body = await request.body()
        fault = self._around.faults.strike(self._operation.name)
        call = self._read(request, body, fault)
        self._record(call, fault)
        if self._around.latency_seconds:
            await asyncio.sleep(self._around.latency_seconds)
        if fault is None or fault.kind not in TRANSPORT_KINDS:
            await self._operation.answer(call)(scope, receive, send)
        else:
            await self._break(fault, call, scope, receive, send)

    def _read(self, request: Request, body: bytes, fault: Fault | None) -> Call:
        own = fault is not None and fault.kind not in TRANSPORT_KINDS
        return Call(
            operation=self._operation.name,
            # The contract's path: where it is deployed is not part of what is bound.
            path=request.url.path.removeprefix(request.scope.get("root_path", "")),
            body=body,
            question=self._operation.decode(body),
            headers=request.headers,
            parameters=request.path_params,
            at=self._around.clock.now(),
            fault=fault if own else None,
        )

    def _record(self, call: Call, fault: Fault | None) -> None:
        asked = call.question if isinstance(call.question, dict) else {}
        self._around.log.append(
            {
                "operation": call.operation,
                "request_id": asked.get("requestId") or call.headers.get("x-request-id"),
                "trace_id": call.headers.get("x-road-id"),
                "at": call.at.isoformat(),
                "fault": fault.kind if fault else None,
                "question": call.question,
            }
        )

    async def _break(
        self, fault: Fault, call: Call, scope: Scope, receive: Receive, send: Send
    ) -> None:
        foreign = breaking.foreign_answer(fault)
        if foreign is not None:
            return await foreign(scope, receive, send)
        if fault.kind == "hang":
            await breaking.hang(breaking.seconds_of(fault), receive)
        if fault.kind in ("hang", "reset"):
            return await breaking.tear(scope, receive)
        answer = self._operation.answer(call)
        if fault.kind == "lost_answer":
            return await breaking.tear(scope, receive)
        if fault.kind == "truncated":
            return await breaking.truncate(answer, scope, receive, send)
        await asyncio.sleep(breaking.seconds_of(fault))
        return await answer(scope, receive, send)
