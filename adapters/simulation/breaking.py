"""Transport faults as they look on the wire: silence, torn connections, foreign answers."""

import asyncio
import socket
import struct
from typing import Any

# The client library's own exception: over an in-process transport there is no connection to
# tear, and the caller must see the same failure as over a socket.
import httpx2 as httpx
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from adapters.simulation.faults import Fault

CONNECTION = "jisui.connection"
_ERROR_PAGE = (
    "<!DOCTYPE html><html><head><title>系统维护中</title></head><body>请稍后再试</body></html>"
)
_DEFAULT_SECONDS = {"slow": 0.2, "hang": 60.0, "http_503": 1.0}


def seconds_of(fault: Fault) -> float:
    """How long the fault lasts, or what its Retry-After says."""
    return _DEFAULT_SECONDS.get(fault.kind, 0.0) if fault.seconds is None else fault.seconds


def foreign_answer(fault: Fault) -> Response | None:
    """The answer that comes instead of ours and without our doing anything, if it is one."""
    match fault.kind:
        case "http_500":
            return PlainTextResponse("Internal Server Error", status_code=500)
        case "http_503":
            waiting = {"Retry-After": f"{seconds_of(fault):.0f}"}
            return PlainTextResponse("Service Unavailable", status_code=503, headers=waiting)
        case "html_200":
            return HTMLResponse(_ERROR_PAGE)
        case "empty":
            return Response(b"")
    return None


async def hang(seconds: float, receive: Receive) -> None:
    """Say nothing until the seconds are over or the caller has gone."""
    try:
        async with asyncio.timeout(seconds):
            await _gone(receive)
    except TimeoutError:
        return


async def tear(scope: Scope, receive: Receive) -> None:
    """Reset the connection, so that the caller sees not one further byte."""
    connection = _connection(scope)
    if connection is None:
        raise httpx.ReadError("connection reset")
    # Without lingering, closing a socket sends RST instead of a polite FIN.
    connection.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    connection.abort()
    await _gone(receive)


async def truncate(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Promise the whole answer, deliver half of it, and close."""
    connection = _connection(scope)
    if connection is None:
        raise httpx.RemoteProtocolError("peer closed connection")
    start: Message = {
        "type": "http.response.start",
        "status": answer.status_code,
        "headers": answer.raw_headers,
    }
    half = bytes(answer.body)[: len(answer.body) // 2]
    await send(start)
    await send({"type": "http.response.body", "body": half, "more_body": True})
    connection.close()
    await _gone(receive)


def _connection(scope: Scope) -> Any:
    return scope.get("extensions", {}).get(CONNECTION)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
