"""SIGKILL, again and again, amid a list of a few hundred children; then everything is as it should.

`KILL_CHILDREN=2000 KILL_TIMES=60` is the full size; the default stays well below a minute.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import func, select, text

from adapters.population.simulator import DEMO_LICENCE
from adapters.registry import SYSTEMS
from adapters.simulation.serving import serving
from adapters.world import load as load_world
from adapters.world_maker import Expected, make_world
from gateway.clock import SystemClock, VirtualClock
from gateway.intake.reading import find_intake, summarise
from gateway.intake.tables import handovers, intake_rows, intakes
from gateway.keys import open_keys
from gateway.settings import load_settings
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.systems import open_systems
from gateway.wiring.work import close_open_calls
from tests.crash.installation import ASKED, county_headers
from tests.crash.invariants import (
    Row,
    check_creations,
    check_evidence,
    check_receipts,
    check_writes,
    lost_work,
    rows,
)
from tests.crash.nursery import Nursery, open_nursery

CHILDREN = int(os.environ.get("KILL_CHILDREN", "150"))
TIMES = int(os.environ.get("KILL_TIMES", "10"))
SETTLED_WITHIN = 60.0
LATENCY = 0.03
SEED = 5


@dataclass(frozen=True)
class Town:
    """A made world served by simulators, a configuration, and what must come of it."""

    school: str
    county: str
    expected: Mapping[str, Row]
    list_file: Path
    configuration: Path
    urls: Mapping[str, str]
    log: Path

    @asynccontextmanager
    async def ground(self, later: timedelta = timedelta()) -> AsyncIterator[Ground]:
        """The store from outside, at a later time where one is given."""
        clock = VirtualClock(SystemClock().now() + later)
        async with open_ground(load_settings(self.configuration), clock) as ground:
            yield ground

    async def shown(self, system: str, what: str) -> list[dict[str, Any]]:
        """What a register holds or was asked."""
        async with httpx.AsyncClient(timeout=60.0) as outside:
            answer = await outside.get(f"{self.urls[system]}/_simulator/{what}")
        found: list[dict[str, Any]] = answer.json()
        return found


@asynccontextmanager
async def open_town(folder: Path, database_url: str, port: int) -> AsyncIterator[Town]:
    """A town over a migrated store."""
    world = folder / "world"
    promised = make_world(world, CHILDREN, SEED, schools=1)
    ((school, expected),) = promised.items()
    async with AsyncExitStack() as stack:
        loaded = load_world(world)
        urls = {
            system.name: await stack.enter_async_context(
                serving(system.simulate(loaded, latency_seconds=LATENCY))
            )
            for system in SYSTEMS
            if system.name in ASKED
        }
        configuration = _configure(folder, database_url, urls, port)
        promise = {one.row: _promised(one) for one in expected}
        list_file = world / "admissions" / f"{school}.xlsx"
        county = next(row for row in loaded.schools if row["机构标识码"] == school)["行政区划"]
        yield Town(school, county, promise, list_file, configuration, urls, folder / "lives.log")


@pytest.fixture
async def on_sqlite(
    migrated_sqlite_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[Town]:
    async with open_town(tmp_path, migrated_sqlite_url, unused_tcp_port) as town:
        yield town


@pytest.fixture
async def on_postgresql(
    migrated_postgres_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[Town]:
    async with open_town(tmp_path, migrated_postgres_url, unused_tcp_port) as town:
        yield town


async def test_a_worker_killed_again_and_again_carries_every_child_once(on_sqlite: Town) -> None:
    chance = Random(SEED)
    async with open_nursery(on_sqlite.configuration, on_sqlite.log) as nursery:
        await _hand_in(on_sqlite, nursery)
        for _ in range(TIMES):
            assert await nursery.kill_after("work", chance.uniform(0.3, 0.9)) == -9
            await _check_nobody_lost(on_sqlite)
        async with nursery.alive("work"):
            await _settle(on_sqlite)
    await _check(on_sqlite)


async def test_one_of_two_workers_is_killed_again_and_again(on_postgresql: Town) -> None:
    town, chance = on_postgresql, Random(SEED)
    async with (
        open_nursery(town.configuration, town.log) as steady,
        open_nursery(town.configuration, town.log) as mortal,
    ):
        await _hand_in(town, steady)
        async with steady.alive("work"):
            for _ in range(TIMES):
                assert await mortal.kill_after("work", chance.uniform(0.3, 0.9)) == -9
                await _check_nobody_lost(town)
                await _end_every_lease(town)
            await _settle(town, end_leases=True)
    await _check(town)


async def test_a_list_is_taken_in_wholly_or_not_at_all(on_sqlite: Town) -> None:
    async with open_nursery(on_sqlite.configuration, on_sqlite.log) as nursery:
        for seconds in (0.35, 0.45, 0.55, 0.65):
            life = asyncio.create_task(nursery.kill_after("serve", seconds))
            await _submit(on_sqlite, tries=100)
            assert await life == -9
            assert await _rows_stored(on_sqlite) in (0, len(on_sqlite.expected))
        await _hand_in(on_sqlite, nursery)
    assert await _rows_stored(on_sqlite) == len(on_sqlite.expected)


async def _hand_in(town: Town, nursery: Nursery) -> None:
    async with nursery.alive("serve"):
        assert await _submit(town, tries=1000) == 202


async def _submit(town: Town, tries: int) -> int | None:
    """Hand the list in, as soon as somebody answers; None where nobody did to the end."""
    async with town.ground() as ground:
        headers = await county_headers(ground, town.county)
    content = town.list_file.read_bytes()
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    async with httpx.AsyncClient(base_url=_public_url(town), timeout=30.0) as client:
        for _ in range(tries):
            try:
                answer = await client.post(
                    f"/v1/intakes?school={town.school}",
                    content=content,
                    headers={**headers, "Content-Type": sheet},
                )
            except httpx.ConnectError:
                await asyncio.sleep(0.01)
            except httpx.HTTPError:
                return None
            else:
                return answer.status_code
    return None


async def _rows_stored(town: Town) -> int:
    async with town.ground() as ground, ground.database.reading() as connection:
        lists = (await connection.execute(select(func.count()).select_from(intakes))).scalar_one()
        assert lists <= 1
        counted = select(func.count()).select_from(intake_rows)
        found: int = (await connection.execute(counted)).scalar_one()
        known = (await connection.execute(select(func.count()).select_from(handovers))).scalar_one()
        assert known == found
        return found


async def _check_nobody_lost(town: Town) -> None:
    async with town.ground() as ground:
        assert await lost_work(ground) == []


async def _end_every_lease(town: Town) -> None:
    """As if the time of every lease were over, that of the living worker too."""
    async with town.ground() as ground, ground.database.transaction() as connection:
        past = "UPDATE work SET due_at = due_at - 300000000, held_until = held_until - 300000000"
        await connection.execute(text(f"{past} WHERE held_until IS NOT NULL"))


async def _settle(town: Town, *, end_leases: bool = False) -> None:
    async with asyncio.timeout(SETTLED_WITHIN):
        while not await _settled(town):
            await asyncio.sleep(0.5)
            if end_leases:
                await _end_every_lease(town)


async def _settled(town: Town) -> bool:
    async with town.ground() as ground, ground.database.reading() as connection:
        intake_id = (await connection.execute(select(intakes.c.intake_id))).scalar_one()
        intake = await find_intake(connection, intake_id)
        assert intake is not None
        return (await summarise(connection, intake)).settled


async def _check(town: Town) -> None:
    async with town.ground(later=timedelta(hours=1)) as ground:
        await close_open_calls(ground)
        assert await rows(ground) == town.expected
        assert await lost_work(ground) == []
        await check_evidence(ground)
        primary = await town.shown("student_status", "requests")
        check_writes(primary, "create")
        check_creations(primary)
        check_writes(await town.shown("preschool", "requests"), "advance")
        held = [await town.shown(system, "records") for system in ("preschool", "student_status")]
        async with open_systems(ground) as systems:
            await check_receipts(ground, systems, *held)


def _promised(expected: Expected) -> Row:
    reason = f":{expected.reason}" if expected.reason else ""
    return Row(f"{expected.state}{reason}", expected.number, expected.grade, expected.problems)


def _public_url(town: Town) -> str:
    return load_settings(town.configuration).public_url


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
