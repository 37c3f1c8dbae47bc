"""The demonstration's child processes: started together, ready before use, stopped by their ids."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from contracts.errors import JisuiError
from gateway.settings import CONFIG_FILE

READY_SECONDS = 60.0
STOP_SECONDS = 30.0


class NotStarted(JisuiError):
    """A process of the demonstration ended before it was ready."""


@asynccontextmanager
async def started(
    arguments: Sequence[str], log: Path, configuration: Path | None = None
) -> AsyncIterator[dict[str, str]]:
    """Run `jisui …` until the block is left; what it said on its first line, as JSON."""
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway.cli",
            *arguments,
            env=os.environ | ({CONFIG_FILE: str(configuration)} if configuration else {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            # Ctrl-C is ours to pass on: the children end one after the other, by their ids.
            start_new_session=True,
        )
    try:
        yield await _first_line(process, arguments, log)
    finally:
        await _stop(process)


async def _first_line(
    process: asyncio.subprocess.Process, arguments: Sequence[str], log: Path
) -> dict[str, str]:
    assert process.stdout is not None  # it was asked for
    try:
        async with asyncio.timeout(READY_SECONDS):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise NotStarted(f"jisui {arguments[0]}: {_last_words(log)}")
    ready: dict[str, str] = json.loads(line)
    return ready


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "no word"
