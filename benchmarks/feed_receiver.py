"""Many subscribers in one process, a port each: verify what is posted, remember it, answer 204.

Told by a line on standard input: the keys to verify under, and whether the first ports hang. By the
lines: `{"keys": [...]}`, `{"hang": 4}`, `{"tell": true}`, `{"until": 3100}`; it answers each with a
line, the last once so many events have come.
"""

import asyncio
import json
import resource
import sys
import time
from typing import Any

import uvloop

from gateway.feed.client.signatures import require_signed
from gateway.memory import settle_memory

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
BARE = "/bare"


class Subscribers:
    """What came to each port: the number of each event, and when."""

    def __init__(self, count: int) -> None:
        self.came: list[list[tuple[int, float]]] = [[] for _ in range(count)]
        self.count = 0
        self.bare = 0
        self.hanging = 0
        self._until = 0
        self._there = asyncio.Event()
        self.keys: list[str] = []

    async def serve(
        self, place: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take what comes over one connection."""
        try:
            while True:
                path, headers, body = await _request(reader)
                if place < self.hanging:
                    await asyncio.sleep(3600)
                self._take(place, path, headers, body)
                writer.write(TAKEN)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.close()

    def _take(self, place: int, path: str, headers: dict[str, str], body: bytes) -> None:
        now = time.time()
        require_signed(headers, body, [self.keys[place]], now)
        told = json.loads(body)
        events = told if isinstance(told, list) else [told]
        numbers = [(int(one["sequence"]), now) for one in events if "sequence" in one]
        if path == BARE:
            self.bare += len(numbers)
            return
        self.came[place] += numbers
        self.count += len(numbers)
        if self.count >= self._until:
            self._there.set()

    async def told(self, line: dict[str, Any]) -> dict[str, Any]:
        """Do as told; what to answer."""
        self._until = line.get("until", 0)
        if self.count < self._until:
            self._there.clear()
            await self._there.wait()
        self.keys = line.get("keys", self.keys)
        self.hanging = line.get("hang", self.hanging)
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "count": self.count,
            "bare": self.bare,
            "cpu_seconds": used.ru_utime + used.ru_stime,
            "peak_mib": used.ru_maxrss / 1024,
        } | ({"came": self.came} if line.get("tell") else {})


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    parts = (line.partition(":") for line in lines if line)
    headers = {name.lower(): value.strip() for name, _, value in parts}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return first.split(" ")[1], headers, body


async def listen(count: int) -> None:
    """Serve on ports of loopback, named by the first line written, until the input ends."""
    subscribers, ports = Subscribers(count), []
    for place in range(count):

        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: int = place
        ) -> None:
            await subscribers.serve(place, reader, writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
    settle_memory()
    _say(ports)
    while line := await asyncio.to_thread(sys.stdin.readline):
        _say(await subscribers.told(json.loads(line)))


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(listen(int(sys.argv[1])))
