"""A process that imports once and forks many lives: each is `jisui serve` or `work`, for real.

Run as a program it reads one order a line, {"play": "work", "configuration": …, "seconds": 0.4},
and answers with a line when that life is over: killed with SIGKILL after so many seconds, or, with
`seconds` null, told to stop when the next line comes.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.processes.serving import serve
from gateway.processes.working import work
from gateway.settings import load_settings

PLAYS = {"serve": serve, "work": work}


def main() -> None:
    """Fork a life for every order."""
    gc.freeze()
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    while line := sys.stdin.readline():
        order = json.loads(line)
        life = os.fork()
        if life == 0:
            _live(order)
        if order["seconds"] is None:
            sys.stdin.readline()
            os.kill(life, signal.SIGTERM)
        else:
            time.sleep(order["seconds"])
            os.kill(life, signal.SIGKILL)
        _, status = os.waitpid(life, 0)
        sys.stdout.write(json.dumps({"ended": os.waitstatus_to_exitcode(status)}) + "\n")
        sys.stdout.flush()


def _live(order: dict[str, Any]) -> None:
    os.dup2(2, 1)  # what the life tells goes into the log, not among our answers
    code = 1
    try:
        asyncio.run(PLAYS[order["play"]](load_settings(Path(order["configuration"]))))
        code = 0
    finally:
        os._exit(code)


class Nursery:
    """The program from outside: gives orders, and hears when a life is over."""

    def __init__(self, process: asyncio.subprocess.Process, configuration: Path) -> None:
        self._process = process
        self._configuration = configuration

    async def kill_after(self, play: str, seconds: float) -> int:
        """One life that is killed; the number of the signal it died of, negative."""
        self._order(play, seconds)
        return await self._ended()

    @asynccontextmanager
    async def alive(self, play: str) -> AsyncIterator[None]:
        """One life that is told to stop at the end of the block, and does."""
        self._order(play, None)
        try:
            yield
        finally:
            self._write("stop")
            assert await self._ended() == 0

    def _order(self, play: str, seconds: float | None) -> None:
        configuration = str(self._configuration)
        order = {"play": play, "configuration": configuration, "seconds": seconds}
        self._write(json.dumps(order))

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def _ended(self) -> int:
        assert self._process.stdout is not None
        ended: int = json.loads(await self._process.stdout.readline())["ended"]
        return ended


@asynccontextmanager
async def open_nursery(configuration: Path, log: Path) -> AsyncIterator[Nursery]:
    """A nursery for lives under this configuration; what they log goes to `log`."""
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash.nursery",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"{}\n"
        yield Nursery(process, configuration)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    main()
