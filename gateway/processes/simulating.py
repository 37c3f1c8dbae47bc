"""`jisui simulate`: every system of a world, until told to stop."""

import errno
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from adapters.dialects import SIMULATORS
from adapters.registry import SYSTEMS, System
from adapters.simulation.serving import serving
from adapters.world import World
from adapters.world import load as load_world
from gateway.api.server import PortBusy
from gateway.processes.telling import stop_signal, tell

DEFAULT_DIALECT = "nciic"
POPULATION = "population"


async def simulate(
    world: Path,
    ports: Mapping[str, int] | None,
    latency_seconds: float,
    dialect: str = DEFAULT_DIALECT,
) -> None:
    """Serve the systems named in `ports`, or all of them on free ports, from a world's files.

    The population register speaks the dialect. Raises `BrokenWorld` or `PortBusy`.
    """
    stop = stop_signal()
    loaded = load_world(world)
    async with AsyncExitStack() as running:
        urls = {
            system.name: await _serve(running, system, loaded, ports, latency_seconds)
            for system in _speaking(dialect)
            if ports is None or system.name in ports
        }
        tell(urls)
        await stop.wait()


def _speaking(dialect: str) -> list[System]:
    return [
        replace(system, simulate=SIMULATORS[dialect]) if system.name == POPULATION else system
        for system in SYSTEMS
    ]


async def _serve(
    running: AsyncExitStack,
    system: System,
    world: World,
    ports: Mapping[str, int] | None,
    latency_seconds: float,
) -> str:
    app = system.simulate(world, latency_seconds=latency_seconds)
    port = 0 if ports is None else ports[system.name]
    try:
        return await running.enter_async_context(serving(app, port=port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortBusy("127.0.0.1", port) from None
        raise
