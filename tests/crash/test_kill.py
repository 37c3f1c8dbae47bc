"""SIGKILL, again and again, amid a list of a few hundred children; then everything is as it should.

`KILL_CHILDREN=2000 KILL_TIMES=60` is the full size; the default stays well below a minute.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random
from signal import SIGKILL, SIGTERM

import httpx2 as httpx
import pytest
from sqlalchemy import func, select, text

from gateway.clock import VirtualClock
from gateway.evidence.tables import entries
from gateway.intake.doors.reading import find_intake, summarise
from gateway.intake.tables import handovers, intake_rows, intakes
from gateway.settings import load_settings
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.systems import open_systems
from gateway.wiring.work import close_open_calls
from tests.crash.installation import county_headers
from tests.crash.invariants import (
    check_creations,
    check_evidence,
    check_receipts,
    check_writes,
    lost_work,
    rows,
)
from tests.crash.made_town import Town, open_town
from tests.crash.nursery import Nursery, open_nursery

CHILDREN = int(os.environ.get("KILL_CHILDREN", "100"))
TIMES = int(os.environ.get("KILL_TIMES", "10"))
SETTLED_WITHIN = 100.0
SEED = 5
REQUESTS_IN_A_LIFE = 2 * CHILDREN // TIMES
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def on_sqlite(
    migrated_sqlite_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[Town]:
    async with open_town(tmp_path, migrated_sqlite_url, unused_tcp_port, CHILDREN, SEED) as town:
        yield town


@pytest.fixture
async def on_postgresql(
    migrated_postgres_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[Town]:
    async with open_town(tmp_path, migrated_postgres_url, unused_tcp_port, CHILDREN, SEED) as town:
        yield town


async def test_a_worker_killed_again_and_again_carries_every_child_once(on_sqlite: Town) -> None:
    town, chance = on_sqlite, Random(SEED)
    async with open_nursery(town.configuration, town.log) as nursery:
        await _hand_in(town, nursery)
        for _ in range(TIMES):
            async with nursery.life("work", SIGKILL):
                await town.asked.more(chance.randint(1, REQUESTS_IN_A_LIFE))
            await _check_nobody_lost(town)
        async with nursery.life("work", SIGTERM):
            await _settle(town)
    await _check(town)


async def test_of_two_workers_one_after_the_other_is_killed(on_postgresql: Town) -> None:
    town, chance = on_postgresql, Random(SEED)
    async with (
        open_nursery(town.configuration, town.log) as one,
        open_nursery(town.configuration, town.log) as other,
    ):
        await _hand_in(town, one)
        for _ in range(TIMES // 2):
            async with one.life("work", SIGKILL):
                async with other.life("work", SIGKILL):
                    await town.asked.more(chance.randint(1, REQUESTS_IN_A_LIFE))
                await _check_nobody_lost(town)
                await _end_every_lease(town)
                await town.asked.more(chance.randint(1, REQUESTS_IN_A_LIFE))
        await _end_every_lease(town)
        async with one.life("work", SIGTERM), other.life("work", SIGTERM):
            await _settle(town)
    await _check(town)


async def test_a_list_is_taken_in_wholly_or_not_at_all(on_sqlite: Town) -> None:
    town = on_sqlite
    async with open_nursery(town.configuration, town.log) as nursery:
        for seconds in (0.0, 0.03, 0.06, 0.12):
            async with nursery.life("serve", SIGKILL):
                await _answering(town)
                handing_in = asyncio.create_task(_submit(town))
                await asyncio.sleep(seconds)
            await handing_in
            assert await _rows_stored(town) in (0, len(town.expected))
        await _hand_in(town, nursery)
    assert await _rows_stored(town) == len(town.expected)


async def _hand_in(town: Town, nursery: Nursery) -> None:
    async with nursery.life("serve", SIGTERM):
        await _answering(town)
        assert await _submit(town) == 202


async def _answering(town: Town) -> None:
    async with asyncio.timeout(SETTLED_WITHIN), _door(town) as client:
        while True:
            try:
                await client.get("/livez")
            except httpx.HTTPError:
                await asyncio.sleep(0.02)
            else:
                return


async def _submit(town: Town) -> int | None:
    """The answer to the list's being handed in; None where the gateway died over it."""
    headers = await county_headers(town.ground, town.county)
    async with _door(town) as client:
        try:
            answer = await client.post(
                f"/v1/intakes?school={town.school}",
                content=town.list_file.read_bytes(),
                headers={**headers, "Content-Type": XLSX},
            )
        except httpx.HTTPError:
            return None
    return answer.status_code


def _door(town: Town) -> httpx.AsyncClient:
    address = load_settings(town.configuration).public_url
    return httpx.AsyncClient(base_url=address, timeout=30.0)


async def _rows_stored(town: Town) -> int:
    async with town.ground.database.reading() as connection:
        counts = [
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (intakes, handovers, intake_rows)
        ]
    assert counts[0] <= 1
    assert counts[1] == counts[2]
    found: int = counts[2]
    return found


async def _check_nobody_lost(town: Town) -> None:
    assert await lost_work(town.ground) == []


async def _end_every_lease(town: Town) -> None:
    """As if the time of every lease were over, that of the living worker too."""
    past = "UPDATE work SET due_at = due_at - 300000000, held_until = held_until - 300000000"
    async with town.ground.database.transaction() as connection:
        await connection.execute(text(f"{past} WHERE held_until IS NOT NULL"))


async def _settle(town: Town) -> None:
    async with asyncio.timeout(SETTLED_WITHIN):
        while not await _settled(town):
            await asyncio.sleep(0.5)


async def _settled(town: Town) -> bool:
    async with town.ground.database.reading() as connection:
        intake_id = (await connection.execute(select(intakes.c.intake_id))).scalar_one()
        intake = await find_intake(connection, intake_id)
        assert intake is not None
        return (await summarise(connection, intake)).settled


async def _check(town: Town) -> None:
    later = VirtualClock(town.ground.clock.now() + timedelta(hours=1))
    async with open_ground(load_settings(town.configuration), later) as ground:
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
        assert await _unanswered(ground) >= TIMES // 2


async def _unanswered(ground: Ground) -> int:
    """How many questions had their asker killed: proof that the kills struck amid the work."""
    async with ground.database.reading() as connection:
        written = (await connection.execute(select(entries.c.canonical))).scalars().all()
    return sum(b'"outcome":"unknown"' in entry for entry in written)
