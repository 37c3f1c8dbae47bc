"""A simulator on a real socket: one in a test, several side by side in a demonstration."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from adapters.simulation.breaking import CONNECTION


class TearableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, showing the application its connection, so that faults can tear it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection and put it into the scope of every request on it."""
        super().connection_made(transport)
        app = self.app

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CONNECTION] = transport
            await app(scope, receive, send)

        self.app = with_connection


@asynccontextmanager
async def serving(app: ASGIApp, *, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """The base address at which the application answers until the block is left.

    Port 0 takes a free one; a busy port is an `OSError`. Connections still open at the end are
    torn, whatever is being answered on them is cancelled.
    """
    # Connections are kept longer than clients keep them, or a call may meet one just closing.
    config = Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="none",
        timeout_keep_alive=60,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listener = socket.create_server((host, port), backlog=1024)
    # Head and body leave as two packets; without this the second waits 40 ms for an ACK. asyncio
    # sets it only where it made the socket itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = await loop.create_server(
        lambda: TearableProtocol(config, state, {}, _loop=loop), sock=listener
    )
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.close()
        await _end(state)


async def _end(state: ServerState) -> None:
    for connection in list(state.connections):
        connection.transport.abort()
    tasks = list(state.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # Lost connections are reported in the loop's next round; let them be before it may close.
    await asyncio.sleep(0)
