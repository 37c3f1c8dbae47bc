"""A subscriber's end: takes what is posted, remembers it, and answers as a test has it answer."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def status(number: int, *headers: str, body: bytes = b"") -> bytes:
    """An answer with this status."""
    lines = [f"HTTP/1.1 {number} Said", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events in it, however they were packed."""
        read = json.loads(self.body)
        return read if isinstance(read, list) else [read]

    @property
    def numbers(self) -> list[int]:
        """The numbers of its events; a notice has none."""
        return [int(event["sequence"]) for event in self.events if "sequence" in event]


@dataclass
class Receiver:
    """What came so far, and how the next request is answered; None breaks the connection off."""

    answer: Callable[[Received], Awaitable[bytes | None]]
    received: list[Received] = field(default_factory=list)
    connects: int = 0
    url: str = ""

    @property
    def numbers(self) -> list[int]:
        """The numbers of everything received, in order, with repetitions."""
        return [number for request in self.received for number in request.numbers]


async def taking(request: Received) -> bytes:
    """Take everything."""
    return OK


@asynccontextmanager
async def receiving(
    answer: Callable[[Received], Awaitable[bytes | None]] = taking,
    host: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Receiver]:
    """A subscriber's end on a free port of loopback."""
    receiver = Receiver(answer)
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        receiver.connects += 1
        try:
            await _converse(receiver, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"{'https' if tls else 'http'}://{host}:{port}/changes"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _converse(
    receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head.split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (one.partition(":") for one in fields if one)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Received(line, headers, body)
        receiver.received.append(request)
        said = await receiver.answer(request)
        if said is None:
            writer.transport.abort()
            return
        writer.write(said)
        await writer.drain()
