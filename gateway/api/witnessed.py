"""Holds the answers of some operations back until their evidence is witnessed, as plain ASGI."""

import re
from collections.abc import Mapping

from fastapi import FastAPI
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.errors import JisuiError
from gateway.access.vocabulary import Operation
from gateway.api.guards import operation_of, routes_of
from gateway.evidence.witnessing.failures import Unwitnessed
from gateway.evidence.witnessing.waiting import Witnessing
from gateway.logs import trace_id
from gateway.web.problems import Kind, Problem, render

RETRY_SECONDS = 5
_NOT_ACKNOWLEDGED = (
    "操作已记录，但尚未取得见证签名，不能确认。请以同一 Idempotency-Key 重试。",
    "It is on record and not witnessed yet, so it is not acknowledged."
    " Send it again under the same Idempotency-Key.",
)

Places = Mapping[str, tuple[re.Pattern[str], ...]]  # by method


class UnknownOperation(JisuiError):
    """The witnessing policy names an operation there is none of."""


def witnessed(app: ASGIApp, witnessing: Witnessing, places: Places) -> ASGIApp:
    """Let nothing begin in these places without the witness, and nothing succeed unwitnessed."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_one_of(scope, places):
            await app(scope, receive, send)
            return
        refused = False

        async def send_witnessed(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] < 400:
                try:
                    await witnessing.covered()
                except Unwitnessed as failure:
                    refused = True
                    await _refuse(failure, scope, receive, send)
            if not refused:
                await send(message)

        try:
            await witnessing.require()
        except Unwitnessed as failure:
            await _refuse(failure, scope, receive, send)
            return
        await app(scope, receive, send_witnessed)

    return answer


def places_of(app: FastAPI, operations: frozenset[str]) -> Places:
    """Where these operations are answered; raise `UnknownOperation`."""
    if unknown := operations - set(Operation):
        raise UnknownOperation(", ".join(sorted(unknown)))
    places: dict[str, tuple[re.Pattern[str], ...]] = {}
    for route in routes_of(app):
        if operation_of(route) in operations:
            pattern, _, _ = compile_path(route.path or "")
            for method in route.methods or ():
                places[method] = (*places.get(method, ()), pattern)
    return places


def _is_one_of(scope: Scope, places: Places) -> bool:
    if scope["type"] != "http":
        return False
    return any(place.match(scope["path"]) for place in places.get(scope["method"], ()))


async def _refuse(failure: Unwitnessed, scope: Scope, receive: Receive, send: Send) -> None:
    detail, detail_en = _NOT_ACKNOWLEDGED if failure.done else ("", "")
    problem = Problem(
        Kind.UNWITNESSED, detail=detail, detail_en=detail_en, retry_after=RETRY_SECONDS
    )
    await render(problem, trace_id())(scope, receive, send)
