"""A made world behind simulators that count what they are asked, and the configuration for it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.population.nciic.simulator import DEMO_LICENCE
from adapters.registry import SYSTEMS
from adapters.simulation.serving import serving
from adapters.world import load as load_world
from adapters.world_maker import Expected, make_world
from gateway.keys import open_keys
from gateway.settings import load_settings
from gateway.wiring.ground import Ground, open_ground
from tests.crash.installation import ASKED
from tests.crash.invariants import Row

QUIET_SECONDS = 6.0
LATENCY = 0.05


class Asked:
    """Counts what the registers are asked; whoever waits for more is told."""

    def __init__(self) -> None:
        self._count = 0
        self._due: dict[int, asyncio.Event] = {}

    async def more(self, requests: int) -> None:
        """Wait until the registers were asked so many times more, or ask no more for a while."""
        due = self._due.setdefault(self._count + requests, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(QUIET_SECONDS):
                await due.wait()

    def counting(self, app: ASGIApp) -> ASGIApp:
        """The application, every call of which counts."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            self._count += 1
            if self._count in self._due:
                self._due.pop(self._count).set()
            await app(scope, receive, send)

        return counted


@dataclass(frozen=True)
class Town:
    """A made world served by simulators, a configuration, and what must come of it."""

    school: str
    county: str
    expected: Mapping[str, Row]
    list_file: Path
    configuration: Path
    urls: Mapping[str, str]
    asked: Asked
    ground: Ground
    log: Path

    async def shown(self, system: str, what: str) -> list[dict[str, Any]]:
        """What a register holds or was asked."""
        async with httpx.AsyncClient(timeout=60.0) as outside:
            answer = await outside.get(f"{self.urls[system]}/_simulator/{what}")
        found: list[dict[str, Any]] = answer.json()
        return found


@asynccontextmanager
async def open_town(
    folder: Path, database_url: str, port: int, children: int, seed: int
) -> AsyncIterator[Town]:
    """A town over a migrated store."""
    world = folder / "world"
    promised = make_world(world, children, seed, schools=1)
    ((school, expected),) = promised.items()
    async with AsyncExitStack() as stack:
        loaded, asked = load_world(world), Asked()
        urls = {
            system.name: await stack.enter_async_context(
                serving(asked.counting(system.simulate(loaded, latency_seconds=LATENCY)))
            )
            for system in SYSTEMS
            if system.name in ASKED
        }
        configuration = _configure(folder, database_url, urls, port)
        promise = {one.row: _promised(one) for one in expected}
        list_file = world / "admissions" / f"{school}.xlsx"
        county = next(row for row in loaded.schools if row["机构标识码"] == school)["行政区划"]
        ground = await stack.enter_async_context(open_ground(load_settings(configuration)))
        yield Town(
            school=school,
            county=county,
            expected=promise,
            list_file=list_file,
            configuration=configuration,
            urls=urls,
            asked=asked,
            ground=ground,
            log=folder / "lives.log",
        )


def _promised(expected: Expected) -> Row:
    reason = f":{expected.reason}" if expected.reason else ""
    return Row(f"{expected.state}{reason}", expected.number, expected.grade, expected.problems)


def _configure(folder: Path, database_url: str, urls: Mapping[str, str], port: int) -> Path:
    open_keys(folder / "keys", create=True)  # beside PostgreSQL an operator makes them
    licence = folder / "licence"
    licence.write_text(DEMO_LICENCE, encoding="utf-8")
    lines = [
        f'public_url = "http://127.0.0.1:{port}"',
        f'database_url = "{database_url}"',
        f'keys_folder = "{folder / "keys"}"',
        'log_level = "WARNING"',
        f"listen.port = {port}",
        "intake.automatic_acceptance = true",
        *(f'systems.{name}.url = "{url}"' for name, url in urls.items()),
        f'systems.population.licence_file = "{licence}"',
    ]
    file = folder / "jisui.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
