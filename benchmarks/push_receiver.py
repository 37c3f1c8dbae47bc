"""Many subscribers in one process: each takes and verifies its deliveries on a port of its own.

Told on standard input, line by line: how many, and how many of them never answer; then, once their
ports were said, each port's secret; then that it is over. It says what came.
"""

import asyncio
import base64
import hmac
import json
import resource
import sys
import time
from typing import Any

import uvloop

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


class Subscriber:
    """One port: what came so far, in order and signed, or the process ends."""

    def __init__(self, hung: bool, expected: int, begun: asyncio.Event) -> None:
        self.key = b""
        self.whole = asyncio.Event()
        self._expected = expected
        self._begun = begun
        self.numbers = 0
        self.ids = set[str]()
        self._hung = hung

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take request after request."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                fields = (line.partition(":") for line in head.split("\r\n")[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in fields}
                body = await reader.readexactly(int(headers["content-length"]))
                if self._hung:
                    await asyncio.sleep(3600)
                self._take(headers, body)
                writer.write(TAKEN)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            writer.close()

    def _take(self, headers: dict[str, str], body: bytes) -> None:
        self._begun.set()
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        signature = base64.b64encode(hmac.digest(self.key, content, "sha256")).decode()
        if f"v1,{signature}" not in headers["webhook-signature"].split():
            sys.exit("a delivery is not signed")
        for event in json.loads(body):
            if "sequence" not in event:
                continue
            if int(event["sequence"]) != self.numbers + 1:
                sys.exit("a number is missing or doubled")
            self.numbers += 1
            self.ids.add(event["data"]["change"])
        if self.numbers == self._expected:
            self.whole.set()


async def receive(count: int, hung: int, expected: int) -> dict[str, Any]:
    """What came until everybody who answers had everything."""
    begun = asyncio.Event()
    subscribers = [Subscriber(place < hung, expected, begun) for place in range(count)]
    servers = [await asyncio.start_server(one.serve, "127.0.0.1", 0) for one in subscribers]
    say([server.sockets[0].getsockname()[1] for server in servers])
    for one, secret in zip(subscribers, await hear(), strict=True):
        one.key = base64.b64decode(secret.removeprefix("whsec_"))
    say("listening")
    good = subscribers[hung:]
    await begun.wait()
    began, used_before = time.perf_counter(), time.process_time()
    for one in good:
        await one.whole.wait()
    return {
        "events": sum(one.numbers for one in good),
        "changes": sum(len(one.ids) for one in good),
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - used_before,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def hear() -> Any:
    """The next line."""
    return json.loads(await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline))


def say(said: Any) -> None:
    """One line."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


async def main() -> None:
    """Receive as told."""
    told = await hear()
    say(await receive(told["subscribers"], told["hung"], told["changes"]))


if __name__ == "__main__":
    uvloop.run(main())
