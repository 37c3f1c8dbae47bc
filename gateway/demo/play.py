"""Plays the demonstration: start everything, hand the list in, follow it, tell what came of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.transport import open_client
from adapters.world import load as load_world
from gateway.access.vocabulary import Role
from gateway.demo.children import started
from gateway.demo.clerk import Desk
from gateway.demo.report import dump, outcome
from gateway.demo.stage import ASKED, Stage, demo_area, demo_token
from gateway.migrations import migrate
from gateway.settings import load_settings
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.work import number_log

POLL_SECONDS = 0.25
TOKEN_SECONDS = 500.0

Progress = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Running:
    """A demonstration that is up: where everybody answers, and the store beneath."""

    stage: Stage
    urls: Mapping[str, str]
    gateway: str
    ground: Ground


@asynccontextmanager
async def running(stage: Stage, port: int, *, fixed_ports: bool) -> AsyncIterator[Running]:
    """Simulators, gateway and worker, each a process of its own, until the block is left."""
    log = stage.folder / "demo.log"
    simulate = ["simulate", "--world", str(stage.world)]
    async with AsyncExitStack() as everything:
        urls = await everything.enter_async_context(
            started([*simulate, "--fixed-ports"] if fixed_ports else simulate, log)
        )
        configuration = stage.configure(urls, port)
        ground = await everything.enter_async_context(open_ground(load_settings(configuration)))
        await migrate(ground.database)
        serving = await everything.enter_async_context(started(["serve"], log, configuration))
        async with started(["work"], log, configuration):
            asked = {name: stage.replaced.get(name, urls[name]) for name in ASKED}
            yield Running(stage, asked, serving["url"], ground)


async def hand_in(up: Running) -> str:
    """The intake that the school's list became, confirmed by its county."""
    async with _desk(up, Role.CLERK) as clerk:
        intake = await clerk.submit(up.stage.school, up.stage.list_file)
    intake_id: str = intake["intake_id"]
    if not intake["confirmed"]:
        async with _desk(up, Role.COUNTY) as county:
            await county.confirm(intake_id)
    return intake_id


async def follow(up: Running, intake_id: str, seconds: float, progress: Progress) -> dict[str, Any]:
    """The intake once it is settled, or as it stands when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        # A token is good for ten minutes: a long watch takes a new one now and then.
        renewal = time.monotonic() + TOKEN_SECONDS
        async with _desk(up, Role.CLERK) as clerk:
            while time.monotonic() < renewal:
                intake = await clerk.read(intake_id)
                progress(intake)
                if intake["settled"] or time.monotonic() >= deadline:
                    return intake
                await asyncio.sleep(POLL_SECONDS)


async def play_once(
    stage: Stage, dump_to: Path | None, seconds: float, progress: Progress
) -> tuple[dict[str, Any], bool]:
    """The result of one whole run in a store of its own, and whether every child is settled."""
    async with running(stage, port=0, fixed_ports=False) as up:
        intake_id = await hand_in(up)
        intake = await follow(up, intake_id, seconds, progress)
        async with _desk(up, Role.CLERK) as clerk:
            rows = await clerk.rows(intake_id)
        if dump_to is not None:
            await dump(dump_to, up.urls)
        await number_log(up.ground)
        async with up.ground.database.reading() as connection:
            size, root = await up.ground.log.root(connection)
        return outcome(rows, size, root), bool(intake["settled"])


@asynccontextmanager
async def _desk(up: Running, role: Role) -> AsyncIterator[Desk]:
    schools = {row["机构标识码"]: row for row in load_world(up.stage.world).schools}
    area = demo_area(schools, up.stage.school)
    institution = up.stage.school if role is Role.CLERK else area
    token = await demo_token(up.ground, role, institution, area)
    async with open_client(up.gateway, seconds=60.0) as client:
        yield Desk(client, token)
