"""A whole installation of real processes at DEBUG: simulators, `serve`, `work`, in one folder."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from adapters.population.nciic.licence import DEMO_LICENCE
from adapters.world import World
from gateway.settings import Settings, load_settings
from gateway.wiring.ground import open_ground
from tests.adapters.small_world import write_csv
from tests.attacks.strangers import Strangers

SLOW_START_SECONDS = 90


@dataclass(frozen=True)
class Installation:
    """What runs, where it keeps things, and how to ask it."""

    folder: Path
    settings: Settings
    door: httpx.AsyncClient
    systems: dict[str, str]
    strangers: Strangers
    processes: dict[str, asyncio.subprocess.Process] = field(repr=False)

    def of_process(self, name: str, what: str) -> str:
        """A file of the kernel's about a process, such as `cmdline` or `status`."""
        return Path(f"/proc/{self.processes[name].pid}/{what}").read_text("utf-8", "replace")

    async def stop(self, name: str) -> None:
        """End a process in good order."""
        await _end(self.processes[name])


@asynccontextmanager
async def installed(
    folder: Path, world: World, parts: Sequence[str] = ("serve", "work")
) -> AsyncIterator[Installation]:
    """The processes up and ready; ended when the block is left."""
    files = _write_world(folder / "world", world)
    (folder / "tmp").mkdir()
    (folder / "logs").mkdir()
    processes: dict[str, asyncio.subprocess.Process] = {}
    async with AsyncExitStack() as running:
        running.push_async_callback(_end_all, processes)
        simulating = ("simulate", "--world", str(files))
        systems = await _start(processes, folder, *simulating)
        configuration = _configure(folder, systems)
        told = {part: await _start(processes, folder, part) for part in parts}
        settings = load_settings(configuration)
        ground = await running.enter_async_context(open_ground(settings))
        door = httpx.AsyncClient(base_url=told["serve"]["url"], timeout=120)
        await running.enter_async_context(door)
        yield Installation(folder, settings, door, systems, Strangers(ground), processes)


def _configure(folder: Path, systems: dict[str, str]) -> Path:
    (folder / "licence").write_text(DEMO_LICENCE, "utf-8")
    named = {name: systems[name] for name in ("preschool", "student_status", "population")}
    lines = [
        f'database_url = "sqlite+aiosqlite:///{folder}/jisui.db"',
        f'keys_folder = "{folder}/keys"',
        'log_level = "DEBUG"',
        "collect_seconds = 1.0",
        "listen.port = 0",
        "intake.automatic_acceptance = true",
        *(f'systems.{name}.url = "{url}"' for name, url in named.items()),
        *(f"systems.{name}.seconds = 2.0" for name in named),
        f'systems.population.licence_file = "{folder}/licence"',
    ]
    file = folder / "jisui.toml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


async def _start(
    processes: dict[str, asyncio.subprocess.Process], folder: Path, *arguments: str
) -> dict[str, str]:
    environment = {name: text for name, text in os.environ.items() if "JISUI" not in name}
    configuration = folder / "jisui.toml"
    if configuration.exists():
        environment["JISUI_CONFIG"] = str(configuration)
    with (folder / "logs" / f"{arguments[0]}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "gateway.cli", *arguments),
            env=environment | {"TMPDIR": str(folder / "tmp")},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    processes[arguments[0]] = process
    assert process.stdout is not None  # it was asked for
    async with asyncio.timeout(SLOW_START_SECONDS):
        line = await process.stdout.readline()
    ready: dict[str, str] = json.loads(line)
    return ready


async def _end_all(processes: dict[str, asyncio.subprocess.Process]) -> None:
    for process in reversed(processes.values()):
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.communicate()


def _write_world(folder: Path, world: World) -> Path:
    folder.mkdir()
    write_csv(folder / "schools.csv", world.schools)
    write_csv(folder / "preschool.csv", world.preschool)
    write_csv(folder / "primary.csv", world.primary)
    write_csv(folder / "population.csv", world.population)
    (folder / "admissions").mkdir()
    return folder
