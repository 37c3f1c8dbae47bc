"""The demonstration's child processes: started together, told what to do, stopped by their ids."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from contracts.errors import JisuiError

READY_SECONDS = 120.0
STOP_SECONDS = 30.0
REFUSED = 2  # how a child ends whose configuration or machine does not allow it to work

T = TypeVar("T")


class NotStarted(JisuiError):
    """A process of the demonstration ended before its time; `refused` when it said why."""

    def __init__(self, words: str, *, refused: bool) -> None:
        super().__init__(words)
        self.refused = refused


class Child:
    """One process: told in one line, heard line by line."""

    def __init__(self, part: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.part = part
        self._process = process
        self._log = log

    def tell(self, facts: Mapping[str, object]) -> None:
        """Say what it has to know; it begins then. That it has ended is heard, not told."""
        assert self._process.stdin is not None  # it was asked for
        if not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(facts).encode() + b"\n")

    async def hear(self) -> dict[str, Any]:
        """Its next line; raise `NotStarted` where it ends or keeps silent."""
        assert self._process.stdout is not None  # it was asked for
        try:
            async with asyncio.timeout(READY_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError:
            await self.stop()
            raise self._ended() from None
        if not line:
            await self._gone()
            raise self._ended()
        heard: dict[str, Any] = json.loads(line)
        return heard

    async def watch(self) -> None:
        """Raise `NotStarted` once it has ended."""
        await self._process.wait()
        raise self._ended()

    async def stop(self) -> None:
        """Have it end in good order; by force where it takes too long."""
        if self._process.returncode is None:
            self._process.terminate()
        await self._gone()

    async def _gone(self) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _ended(self) -> NotStarted:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        words = lines[-1] if lines else f"exit {self._process.returncode}"
        return NotStarted(f"{self.part}: {words}", refused=self._process.returncode == REFUSED)


@asynccontextmanager
async def started(part: str, folder: Path) -> AsyncIterator[Child]:
    """A process that is getting ready, until the block is left; its log is in the folder."""
    log = folder / f"{part}.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway.demo.child",
            part,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            # Ctrl-C is ours to pass on, in the right order.
            start_new_session=True,
        )
    child = Child(part, process, log)
    try:
        yield child
    finally:
        await child.stop()


async def watched(children: tuple[Child, ...], work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; raise `NotStarted` where one of the processes ends before it."""
    working = asyncio.ensure_future(work)
    watching = [asyncio.ensure_future(child.watch()) for child in children]
    try:
        await asyncio.wait([working, *watching], return_when=asyncio.FIRST_COMPLETED)
        for watch in watching:
            if watch.done():
                watch.result()
        return working.result()
    finally:
        await _cancel([working, *watching])


async def _cancel(tasks: list[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
