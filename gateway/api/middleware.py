"""What surrounds every request, as plain ASGI: trace id, record, shield, body limit."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from types import MappingProxyType
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access.grants import Grant
from gateway.access.requests import granted
from gateway.logs import bind_trace, trace_id, where_it_broke
from gateway.masking import holds_a_personal_number
from gateway.metrics import Metrics
from gateway.web.problems import Kind, Problem, render

TRACE_HEADER = "X-Road-Id"
ECHOED = ("X-Road-Client", "X-Road-UserId", "X-Road-Issue", "X-Road-Represented-Party")
NoteFailure = Callable[[Grant, str], Awaitable[None]]

GRACE_SECONDS = 20.0
SLOWEST = 16 * 1024  # bytes a second: below it a sender only keeps a connection busy
_TRACE_ID = re.compile(r"[A-Za-z0-9._:-]{8,64}")
_ECHO = re.compile(r"[\x21-\x7e]{1,256}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def traced(app: ASGIApp, new_trace_id: Callable[[], str]) -> ASGIApp:
    """Give each request one trace id, its caller's where that is fit, and echo X-Road headers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        sent = Headers(scope=scope)
        bind_trace(_fit(sent.get(TRACE_HEADER, ""), new_trace_id))
        echo = {TRACE_HEADER: trace_id()} | _echoed(sent)

        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(echo)
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await app(scope, receive, send_traced)

    return answer


def recorded(app: ASGIApp, metrics: Metrics) -> ASGIApp:
    """Count, time and log each request by its route, never by its address."""
    log = structlog.get_logger("jisui.requests")

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        status, started = 0, perf_counter()

        async def send_recorded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, send_recorded)
        finally:
            seconds = perf_counter() - started
            method, route = _method(scope), _route(scope)
            metrics.requests.labels(method, route, status).inc()
            metrics.seconds.labels(method, route).observe(seconds)
            log.info(
                "request", method=method, route=route, status=status, seconds=round(seconds, 4)
            )

    return answer


def shielded(app: ASGIApp, metrics: Metrics, note: NoteFailure) -> ASGIApp:
    """Turn an exception nobody expected into a problem that says nothing of it, and `note` it.

    It stops here: what goes on to the server is written out with its text, which may hold input.
    """
    log = structlog.get_logger("jisui.failures")

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await app(scope, receive, send_noting)
        except Exception as error:
            metrics.failures.labels(type(error).__qualname__).inc()
            log.error("unhandled_failure", **where_it_broke(error))
            await _note(note, scope, error)
            if started or scope["type"] != "http":
                raise ConnectionAbortedError from None  # the answer is already half sent
            metrics.problems.labels(Kind.INTERNAL, "gateway").inc()
            await render(Problem(Kind.INTERNAL), trace_id())(scope, receive, send)

    return answer


async def _note(note: NoteFailure, scope: Scope, error: Exception) -> None:
    grant = granted(scope)
    if grant is None:
        return
    try:
        await note(grant, type(error).__name__)
    except Exception as further:  # the store itself may be what failed
        structlog.get_logger("jisui.failures").error(
            "failure_not_on_record", **where_it_broke(further)
        )


def limited(
    app: ASGIApp,
    max_bytes: int,
    grace_seconds: float = GRACE_SECONDS,
    by_path: Mapping[str, int] = MappingProxyType({}),
) -> ASGIApp:
    """Refuse a body longer than `max_bytes`, by its announcement or as it streams in; or too slow.

    Addresses with a limit of their own have it in `by_path`. A body may take `grace_seconds` and as
    long as its bytes take at `SLOWEST` a second.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        most = by_path.get(scope.get("path", ""), max_bytes)
        if scope["type"] == "http" and _announced(scope) > most:
            refusal = render(Problem(Kind.TOO_LARGE, headers={"Connection": "close"}), trace_id())
            await refusal(scope, receive, send)
            return
        seen, whole, began = 0, False, asyncio.get_running_loop().time()

        async def receive_counting() -> Message:
            nonlocal seen, whole
            if whole:  # what is waited for now is the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(began + grace_seconds + seen / SLOWEST):
                    message = await receive()
            except TimeoutError:
                raise Problem(Kind.TOO_SLOW, headers={"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if seen > most:
                raise Problem(Kind.TOO_LARGE, headers={"Connection": "close"})
            return message

        await app(scope, receive_counting, send)

    return answer


def _fit(trace: str, new_trace_id: Callable[[], str]) -> str:
    fit = _TRACE_ID.fullmatch(trace) and not holds_a_personal_number(trace)
    return trace if fit else new_trace_id()


def _echoed(sent: Headers) -> dict[str, str]:
    named = {name: sent[name] for name in ECHOED if name in sent}
    return {
        name: value
        for name, value in named.items()
        if _ECHO.fullmatch(value) and not holds_a_personal_number(value)
    }


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if re.fullmatch(r"[0-9]{1,18}", length) else 0


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return getattr(route, "path", None) or "unmatched"
