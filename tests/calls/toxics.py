"""A TCP proxy that spoils connections in the eight ways of Toxiproxy."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

Pump = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
CHUNK = 16 * 1024
FOR_EVER = 3600.0


def latency(seconds: float, jitter: float = 0.0) -> Pump:
    """Every part comes later."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(CHUNK):
            await asyncio.sleep(max(0.0, seconds + random.uniform(-jitter, jitter)))
            await _write(writer, part)

    return pump


def bandwidth(bytes_a_second: float) -> Pump:
    """So many bytes a second, and no more."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(max(1, int(bytes_a_second / 20))):
            await asyncio.sleep(len(part) / bytes_a_second)
            await _write(writer, part)

    return pump


def slow_close(seconds: float) -> Pump:
    """The other side's end is told late."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _pass(reader, writer)
        await asyncio.sleep(seconds)

    return pump


def timeout(seconds: float = FOR_EVER) -> Pump:
    """Nothing comes through, and after these seconds the connection ends."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)

    return pump


def reset_peer(seconds: float = 0.0) -> Pump:
    """The connection is reset instead of answered."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        await asyncio.sleep(seconds)
        # Without lingering, closing a socket sends RST instead of a polite FIN.
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()

    return pump


def slicer(size: int, seconds: float = 0.0) -> Pump:
    """What was one part comes in many."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(size):
            await _write(writer, part)
            await asyncio.sleep(seconds)

    return pump


def limit_data(size: int) -> Pump:
    """The connection ends after so many bytes."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = size
        while left and (part := await reader.read(left)):
            left -= len(part)
            await _write(writer, part)

    return pump


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(CHUNK):
        await _write(writer, part)


async def _write(writer: asyncio.StreamWriter, part: bytes) -> None:
    writer.write(part)
    await writer.drain()


@dataclass
class Proxy:
    """Stands before an address; `toxic` spoils what comes back, on connections still to come."""

    host: str
    port: int
    to_port: int
    toxic: Pump | None = None
    connections: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] | None = None

    @property
    def url(self) -> str:
        """Where the proxy answers."""
        return f"http://{self.host}:{self.port}"

    async def up(self) -> None:
        """Accept connections."""
        self._open = self._open or set()
        self._server = await asyncio.start_server(self._relay, self.host, self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Refuse connections from now on, and end those there are."""
        if self._server is not None:
            self._server.close()
        for task in list(self._open or ()):
            task.cancel()
        await asyncio.gather(*(self._open or ()), return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        assert self._open is not None
        self._open.add(task)
        self.connections += 1
        try:
            await self._between(reader, writer)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._open.discard(task)

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pump both ways until the answering side has ended, or the asking side has gone."""
        there_reader, there_writer = await asyncio.open_connection(self.host, self.to_port)
        back = (self.toxic or _pass)(there_reader, writer)
        ways = [asyncio.ensure_future(_pass(reader, there_writer)), asyncio.ensure_future(back)]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (writer, there_writer):
                end.close()
            await asyncio.gather(*ways, return_exceptions=True)


@asynccontextmanager
async def proxied(to_port: int, toxic: Pump | None = None) -> AsyncIterator[Proxy]:
    """A proxy before a loopback port, up until the block is left."""
    proxy = Proxy("127.0.0.1", 0, to_port, toxic)
    await proxy.up()
    try:
        yield proxy
    finally:
        await proxy.down()
