"""A process that imports once and forks many lives: each is `jisui serve` or `work`, for real.

Run as a program it reads one order a line, {"play": "work", "configuration": …}, answers with a
line that names the life's process, and with another when that process is over. How it ends is for
whoever gave the order to say, with a signal.
"""

import asyncio
import gc
import json
import os
import signal
import sys
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
    _tell({"ready": True})
    while line := sys.stdin.readline():
        life = os.fork()
        if life == 0:
            _live(json.loads(line))
        _tell({"process": life})
        _, status = os.waitpid(life, 0)
        _tell({"ended": os.waitstatus_to_exitcode(status)})


def _tell(fact: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")
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
    """The program from outside."""

    def __init__(self, process: asyncio.subprocess.Process, configuration: Path) -> None:
        self._process = process
        self._configuration = configuration

    @asynccontextmanager
    async def life(self, play: str, end: signal.Signals) -> AsyncIterator[None]:
        """One life, ended at the end of the block by SIGKILL or, told to stop, by itself."""
        assert self._process.stdin is not None
        order = {"play": play, "configuration": str(self._configuration)}
        self._process.stdin.write(f"{json.dumps(order)}\n".encode())
        life = (await self._told())["process"]
        try:
            yield
        finally:
            os.kill(life, end)
            ended = (await self._told())["ended"]
        assert ended == (-signal.SIGKILL if end is signal.SIGKILL else 0)

    async def _told(self) -> dict[str, int]:
        assert self._process.stdout is not None
        told: dict[str, int] = json.loads(await self._process.stdout.readline())
        return told


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
        assert json.loads(await process.stdout.readline())["ready"]
        yield Nursery(process, configuration)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


if __name__ == "__main__":
    main()
