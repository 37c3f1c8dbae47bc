"""An installation whose processes come and go while its registers live on.

async with open_installation(folder, template, village) as town:
    await town.renew()                          # registers and store as at the beginning
    async with town.process(Fuse(7)) as worker: # one life of a process
        await worker.step()
"""

import json
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.population.nciic.simulator import DEMO_LICENCE
from adapters.registry import SYSTEMS
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.serving import serving
from adapters.world import World
from gateway.access.demo import register_demo_caller
from gateway.access.vocabulary import Role
from gateway.calls.exchange import Calls
from gateway.clock import VirtualClock
from gateway.database import open_database
from gateway.evidence import Log
from gateway.identifiers import Identifiers
from gateway.settings import Settings, load_settings
from gateway.wiring.access import wire_access
from gateway.wiring.doors import wire_app
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.systems import Systems, open_systems
from gateway.wiring.work import close_open_calls, schedule_chores, wire_worker
from gateway.worker import Worker
from tests.crash.fuse import Fuse, brittle, bury_calls
from tests.intake.village import COUNTY, SCHOOL

START = datetime(2026, 9, 3, 2, tzinfo=UTC)  # Thursday, ten in the morning in Beijing
AFTER_EVERY_LEASE = 600.0
PATIENT_SECONDS = 10.0
ASKED = ("preschool", "student_status", "population")


@dataclass
class Door:
    """A register's address, behind which a new simulator may be put."""

    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@dataclass
class Installation:
    """The store, the registers and the clock; every process is a guest."""

    world: World
    store: Path
    beginning: Path
    base: Ground
    systems: Systems
    doors: Mapping[str, Door]
    urls: Mapping[str, str]
    outside: httpx.AsyncClient
    seconds: float  # how long a process waits for an answer
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))

    async def renew(self) -> None:
        """Begin again: registers as the world says, the store with the list just received."""
        self.raise_registers()
        for left in self.store.parent.glob(f"{self.store.name}*"):
            left.unlink()
        shutil.copyfile(self.beginning, self.store)
        shutil.rmtree(self.store.with_suffix(".evidence"), ignore_errors=True)
        self.clock.set(START)

    def raise_registers(self) -> None:
        """Put new simulators behind the doors."""
        for system in SYSTEMS:
            if system.name in self.doors:
                self.doors[system.name].app = system.simulate(self.world, SimulatorClock(START))

    async def receive(self, rows: Sequence[Mapping[str, str]]) -> None:
        """Take a confirmed list in, and keep the store as the beginning of every run."""
        content = json.dumps({"rows": list(rows)}, ensure_ascii=False).encode()
        async with self.life(PATIENT_SECONDS) as ground:
            door = httpx.ASGITransport(wire_app(ground, self.systems))
            async with httpx.AsyncClient(transport=door, base_url="http://gateway") as client:
                path = f"/v1/intakes?school={SCHOOL}"
                answer = await client.post(
                    path, content=content, headers=await county_headers(ground)
                )
            assert answer.status_code == 202, answer.text
        # The last connection is closed: nothing is left beside the file.
        shutil.copyfile(self.store, self.beginning)

    @asynccontextmanager
    async def life(self, seconds: float | None = None) -> AsyncIterator[Ground]:
        """The ground of one more process: nothing is left of those before it but files."""
        settings, clock = self.base.settings, self.clock
        identifiers = Identifiers(clock, secrets.token_bytes)
        log = Log(settings.evidence_log, clock, identifiers)
        systems = settings.systems.named()
        deadlines = dict.fromkeys(systems, seconds or self.seconds)
        at_once = {name: system.at_once for name, system in systems.items()}
        database = open_database(settings.database_url)
        calls = Calls(log, clock, identifiers, database, seconds=deadlines, at_once=at_once)
        moves = replace(self.base.moves, log=log)
        own = {"database": database, "identifiers": identifiers, "log": log}
        try:
            yield replace(self.base, calls=calls, moves=moves, **own)
        finally:
            await bury_calls()
            await database.close()

    @asynccontextmanager
    async def process(self, fuse: Fuse) -> AsyncIterator[Worker]:
        """A working process that the fuse may end early."""
        async with self.life() as ground:
            yield wire_worker(*brittle(ground, self.systems, fuse))

    async def recover(self, ground: Ground, rounds: int, *, chores: bool = True) -> None:
        """Work on, the clock moving beyond every lease each round."""
        if chores:
            await schedule_chores(ground, self.systems)
        worker = wire_worker(ground, self.systems)
        for _ in range(rounds):
            self.clock.advance(AFTER_EVERY_LEASE)
            await worker.step()
        await close_open_calls(ground)

    async def records(self, system: str) -> list[dict[str, Any]]:
        """What a register holds."""
        return await self._shown(system, "records")

    async def requests(self, system: str) -> list[dict[str, Any]]:
        """What a register was asked, oldest first."""
        return await self._shown(system, "requests")

    async def arm(self, system: str, **plan: object) -> None:
        """Arm a fault plan, scripted or seeded; none clears what was armed."""
        answer = await self.outside.post(f"{self.urls[system]}/_simulator/faults", json=plan)
        assert answer.status_code == 200, answer.text

    async def change(self, system: str, find: Mapping[str, str], to: Mapping[str, str]) -> None:
        """Let a register's own staff change records: those with these cells, to those."""
        wish = {"find": dict(find), "set": dict(to)}
        answer = await self.outside.post(f"{self.urls[system]}/_simulator/records", json=wish)
        assert answer.json()["changed"] >= 1, answer.text

    async def _shown(self, system: str, what: str) -> list[dict[str, Any]]:
        answer = await self.outside.get(f"{self.urls[system]}/_simulator/{what}")
        shown: list[dict[str, Any]] = answer.json()
        return shown


@asynccontextmanager
async def open_installation(
    folder: Path,
    template: Path,
    world: World,
    rows: Sequence[Mapping[str, str]],
    seconds: float = PATIENT_SECONDS,
) -> AsyncIterator[Installation]:
    """An installation that was handed this list; `template` is a migrated store to copy."""
    store = folder / "running.db"
    shutil.copyfile(template, store)
    async with AsyncExitStack() as stack:
        doors = {name: Door() for name in ASKED}
        urls = {
            name: await stack.enter_async_context(serving(door)) for name, door in doors.items()
        }
        settings = _settings(folder, store, urls)
        clock = VirtualClock(START)
        ground = await stack.enter_async_context(open_ground(settings, clock))
        systems = await stack.enter_async_context(open_systems(ground))
        outside = await stack.enter_async_context(httpx.AsyncClient())
        town = Installation(
            world=world,
            store=store,
            beginning=folder / "beginning.db",
            base=ground,
            systems=systems,
            doors=doors,
            urls=urls,
            outside=outside,
            seconds=seconds,
            clock=clock,
        )
        town.raise_registers()
        await town.receive(rows)
        await town.renew()
        yield town


def _settings(folder: Path, store: Path, urls: Mapping[str, str]) -> Settings:
    licence = folder / "licence"
    licence.write_text(DEMO_LICENCE, encoding="utf-8")
    systems: dict[str, dict[str, object]] = {
        name: {"url": url, "seconds": PATIENT_SECONDS} for name, url in urls.items()
    }
    systems["population"]["licence_file"] = licence
    return load_settings(
        database_url=f"sqlite+aiosqlite:///{store}",
        keys_folder=folder / "keys",
        intake={"automatic_acceptance": True},
        systems=systems,
    )


async def county_headers(ground: Ground, area: str = COUNTY) -> dict[str, str]:
    """The headers under which a county's office hands in a list that it has confirmed."""
    caller = await register_demo_caller(
        ground.database,
        ground.log,
        ground.clock,
        ground.identifiers,
        role=Role.COUNTY,
        institution=area,
        area=area,
    )
    return {
        "Authorization": f"Bearer {wire_access(ground).grant_token(caller.client_id).token}",
        "X-Road-UserId": "office.wang",
        "X-Road-Issue": "case-1",
        "Jisui-Purpose": "enrolment",
        "Content-Type": "application/json",
    }
