"""The long-lived commands as coroutines: serve, work, simulate; each says when it is ready."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from adapters.registry import SYSTEMS
from adapters.simulation.serving import serving
from adapters.world import load as load_world
from gateway.alone import alone
from gateway.api.server import listen
from gateway.api.server import serve as serve_app
from gateway.logs import configure_logs
from gateway.migrations import migrate
from gateway.settings import Settings
from gateway.wiring.doors import wire_app
from gateway.wiring.ground import open_ground
from gateway.wiring.systems import open_systems
from gateway.wiring.work import number_log, schedule_chores, wire_worker


async def serve(settings: Settings) -> None:
    """Answer HTTP until told to stop."""
    configure_logs(settings.log_level)
    listening = listen(settings.listen.host, settings.listen.port)
    host, port = listening.getsockname()[:2]
    with _single(settings, "serve"):
        async with open_ground(settings) as ground, open_systems(ground) as systems:
            if settings.embedded:
                await migrate(ground.database)
            _ready({"url": f"http://{host}:{port}"})
            await serve_app(wire_app(ground, systems), listening)


async def work(settings: Settings) -> None:
    """Do what is due until told to stop."""
    configure_logs(settings.log_level)
    stop = stop_signal()
    with _single(settings, "work"):
        async with open_ground(settings) as ground, open_systems(ground) as systems:
            if settings.embedded:
                await migrate(ground.database)
            await schedule_chores(ground, systems)
            _ready({"working": "true"})
            await wire_worker(ground, systems).run(stop)
            await number_log(ground)
            async with ground.database.transaction() as connection:
                await ground.log.stop(connection)


async def simulate(world: Path, ports: Mapping[str, int], latency_seconds: float) -> None:
    """Serve every system from a world's files until told to stop."""
    stop = stop_signal()
    loaded = load_world(world)
    async with AsyncExitStack() as running:
        urls = {
            system.name: await running.enter_async_context(
                serving(
                    system.simulate(loaded, latency_seconds=latency_seconds),
                    port=ports.get(system.name, 0),
                )
            )
            for system in SYSTEMS
        }
        _ready(urls)
        await stop.wait()


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _ready(facts: Mapping[str, str]) -> None:
    """One line on standard output, for people and for whoever started us."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


@contextmanager
def _single(settings: Settings, kind: str) -> Iterator[None]:
    if not settings.embedded:
        yield
        return
    with alone(Path(make_url(settings.database_url).database or ".").parent, kind):
        yield
