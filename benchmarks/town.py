"""A town to measure in: an invented world, its systems, a gateway and a worker, all processes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from adapters.transport import open_client
from adapters.world import load
from adapters.world_maker import make_world
from benchmarks.processes import Running, jisui
from gateway.access.vocabulary import Role
from gateway.demo.clerk import Desk
from gateway.demo.stage import ASKED, Stage, demo_area, demo_token
from gateway.migrations import migrate
from gateway.settings import load_settings
from gateway.wiring.ground import open_ground

SEED = 20261122
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """A folder of invented children who can all be carried, and the one school they come to."""

    folder: Path
    school: str
    children: int


@dataclass(frozen=True, slots=True)
class Town:
    """Everything up and running; `systems` are the simulators' addresses."""

    world: World
    systems: dict[str, str]
    simulators: Running
    gateway: Running
    worker: Running
    clerk_token: str
    county_token: str
    store: Path


def build_world(folder: Path, children: int) -> World:
    """A world of so many children in a new folder."""
    made = make_world(folder, children, SEED, schools=1, plain=True)
    (school,) = made
    return World(folder, school, children)


@contextmanager
def simulators(world: World, latency_ms: float, log: Path) -> Iterator[Running]:
    """The three systems of a world, answering after so many milliseconds."""
    arguments = ["simulate", "--world", str(world.folder), "--latency-ms", str(latency_ms)]
    with jisui(arguments, log) as running:
        yield running


@contextmanager
def town(world: World, folder: Path, latency_ms: float) -> Iterator[Town]:
    """The world's systems, a gateway and a worker on a new store in `folder`."""
    log = folder / "processes.log"
    stage = Stage(folder, world.folder, world.school, automatic_acceptance=True, replaced={})
    with ExitStack() as processes:
        systems = processes.enter_context(simulators(world, latency_ms, log))
        urls = {name: systems.said[name] for name in ASKED}
        configuration = stage.configure(urls, port=0)
        tokens = asyncio.run(_prepare(configuration, world))
        gateway = processes.enter_context(jisui(["serve"], log, configuration))
        worker = processes.enter_context(jisui(["work"], log, configuration))
        yield Town(world, urls, systems, gateway, worker, *tokens, folder / "jisui.db")


async def _prepare(configuration: Path, world: World) -> tuple[str, str]:
    """A clerk's and a county's token in a store that is ready for use."""
    schools = {row["机构标识码"]: row for row in load(world.folder).schools}
    area = demo_area(schools, world.school)
    async with open_ground(load_settings(configuration)) as ground:
        await migrate(ground.database)
        clerk = await demo_token(ground, Role.CLERK, world.school, area)
        return clerk, await demo_token(ground, Role.COUNTY, area, area)


async def at_a_desk(up: Town, token: str, act: Callable[[Desk], Awaitable[T]]) -> T:
    """What somebody's act over HTTP came to."""
    async with open_client(up.gateway.said["url"], seconds=120.0) as client:
        return await act(Desk(client, token))
