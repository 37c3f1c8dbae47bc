"""Serves the app: one socket, a fast loop, a graceful end."""

import asyncio
import errno
import signal
import socket
from typing import Any

import uvicorn
import uvloop

from contracts.errors import JisuiError
from gateway.memory import settle_memory

GRACE_SECONDS = 20
_BACKLOG = 1024


class PortBusy(JisuiError):
    """Another program listens there already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"端口 {host}:{port} 已被占用，请结束占用它的程序或换一个端口。"
            f" Port {host}:{port} is in use: stop the program that holds it or choose another."
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one; raise `PortBusy`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(host, port) from None
        raise


async def serve(app: Any, listening: socket.socket) -> None:
    """Answer until SIGTERM or SIGINT, then finish what is under way and return.

    The signal ends the serving and not the process, so that whoever called can close its store.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="httptools",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    settle_memory()
    loop = asyncio.get_running_loop()
    # uvicorn raises the signals it caught once more when it is done; here they find a handler.
    for caught in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(caught, _already_ending)
    try:
        await server.serve(sockets=[listening])
    finally:
        for caught in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(caught)


def run(app: Any, host: str, port: int) -> None:
    """Serve on a loop of its own until told to stop; raise `PortBusy`."""
    listening = listen(host, port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(app, listening))


def _already_ending() -> None:
    return None
