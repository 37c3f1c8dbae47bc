"""A system that answers any POST with the same few bytes, and remembers when it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

ANSWER = b"x" * 2000
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n"


@dataclass
class Upstream:
    """When it was asked, by the loop's clock, and how long it takes over an answer."""

    port: int = 0
    seconds: float = 0.0
    asked_at: list[float] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    under_way: int = 0
    capacity: int = 0  # beyond so many at once every answer takes longer; 0: never

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, OSError):
                while True:
                    await self._one(reader, writer)
        finally:
            self.tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        await reader.readexactly(length)
        self.asked_at.append(asyncio.get_running_loop().time())
        self.under_way += 1
        try:
            crowd = self.under_way / self.capacity if self.capacity else 1.0
            await asyncio.sleep(self.seconds * max(1.0, crowd))
        finally:
            self.under_way -= 1
        writer.write(_HEAD % len(ANSWER) + ANSWER)
        await writer.drain()


@asynccontextmanager
async def upstream(seconds: float = 0.0, capacity: int = 0) -> AsyncIterator[Upstream]:
    """The system on a free loopback port, until the block is left."""
    system = Upstream(seconds=seconds, capacity=capacity)
    server = await asyncio.start_server(system.answer, "127.0.0.1", 0, backlog=1024)
    system.port = server.sockets[0].getsockname()[1]
    try:
        yield system
    finally:
        server.close()
        for task in list(system.tasks):
            task.cancel()
        await asyncio.gather(*system.tasks, return_exceptions=True)
