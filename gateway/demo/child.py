"""One process of the demonstration: `python -m gateway.demo.child simulate|serve|work`.

It imports what it needs first and is told the rest in one line of JSON on its standard input, so
that all of them get ready at the same time. When that input ends, whoever started it is gone, and
it ends too.
"""

import asyncio
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop

from contracts.errors import JisuiError
from gateway.demo.children import REFUSED

if TYPE_CHECKING:
    from gateway.settings import Settings

Part = Callable[[Mapping[str, Any]], Coroutine[Any, Any, None]]


def main() -> int:
    """Play one part to its end; 2 where the configuration or the machine does not allow it."""
    gc.disable()  # what is imported stays: looking through it again and again only takes time
    play = {"simulate": _simulator, "serve": _gateway, "work": _worker}[sys.argv[1]]()
    gc.freeze()
    gc.enable()
    line = sys.stdin.readline()
    if not line:
        return 0
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(play(json.loads(line)))
    except JisuiError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    return 0


def _end_with_parent() -> None:
    # Not through sys.stdin: its lock would still be held when the interpreter ends.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _simulator() -> Part:
    from gateway.processes.simulating import simulate

    async def play(told: Mapping[str, Any]) -> None:
        await simulate(Path(told["world"]), told["ports"], 0.0)

    return play


def _gateway() -> Part:
    from gateway.demo.callers import introduce_callers
    from gateway.demo.subscriber import subscribe
    from gateway.processes.serving import serve
    from gateway.processes.telling import tell

    async def play(told: Mapping[str, Any]) -> None:
        settings = _own_settings(told)
        introduced = await introduce_callers(settings, told["school"], told["area"])
        if told["subscriber"]:
            introduced["subscription"] = await subscribe(settings, told["subscriber"])
        tell(introduced)
        await serve(settings)

    return play


def _own_settings(told: Mapping[str, Any]) -> "Settings":
    from gateway.settings import forget_environment, load_settings

    forget_environment()  # it may be that of an installation on the same machine
    return load_settings(Path(told["configuration"]))


def _worker() -> Part:
    from gateway.evidence.log import recompute
    from gateway.processes.telling import tell
    from gateway.processes.working import work
    from gateway.wiring.ground import open_ground

    async def play(told: Mapping[str, Any]) -> None:
        settings = _own_settings(told)
        await work(settings)
        async with open_ground(settings) as ground, ground.database.reading() as connection:
            size, root = await recompute(connection)
        tell({"size": size, "root": root})

    return play


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is closed; taking the interpreter apart as well takes half a second.
    os._exit(code)
