"""A lease that ends while its holder lives: another worker takes over amid the writes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contracts.errors import JisuiError
from gateway.intake.handover import load, store
from gateway.intake.tables import handovers
from gateway.wiring.work import wire_worker
from tests.crash.installation import AFTER_EVERY_LEASE, START, Installation, open_installation
from tests.crash.invariants import (
    check_creations,
    check_evidence,
    check_receipts,
    check_writes,
    lost_work,
    rows,
)
from tests.crash.village import Listed, list_children

SLOW = {"preschool": "advance", "student_status": "create"}


@pytest.fixture
def listed() -> Listed:
    return list_children(3)


@pytest.fixture
async def town(
    migrated_sqlite: Path, tmp_path: Path, listed: Listed
) -> AsyncIterator[Installation]:
    world = listed.village.world
    async with open_installation(tmp_path, migrated_sqlite, world, listed.rows) as opened:
        yield opened


@pytest.mark.parametrize(("system", "operation"), SLOW.items())
async def test_a_lease_lost_amid_a_write_costs_nothing(
    town: Installation, listed: Listed, system: str, operation: str
) -> None:
    slow = {"kind": "slow", "operation": operation, "seconds": 1.0}
    await town.arm(system, script=[{**slow, "nth": nth} for nth in (1, 2, 3)])
    async with town.life() as one, town.life() as other:
        late = asyncio.create_task(wire_worker(one, town.systems).step())
        await _asked(town, system, operation)
        town.clock.advance(AFTER_EVERY_LEASE)
        await wire_worker(other, town.systems).step()
        # Whoever lost its lease may only give up.
        (came,) = await asyncio.gather(late, return_exceptions=True)
        assert isinstance(came, datetime | JisuiError | None)
        await _check(town, listed)


async def test_a_child_whom_somebody_moves_amid_a_write_keeps_nobody_else_waiting(
    town: Installation, listed: Listed
) -> None:
    slow = {"kind": "slow", "operation": "create", "seconds": 1.0, "nth": 1}
    await town.arm("student_status", script=[slow])
    async with town.life() as one, town.life() as other:
        worker = wire_worker(one, town.systems)
        late = asyncio.create_task(worker.step())
        await _asked(town, "student_status", "create")
        async with other.database.transaction() as connection:
            accepted = select(handovers.c.handover_id).where(handovers.c.state == "accepted")
            moved = (await connection.execute(accepted)).scalars().first()
            await store(connection, await load(connection, [moved], lock=True))
        await late
        await worker.step()
        assert await rows(one) == listed.expected
        await _check(town, listed)


async def test_two_workers_side_by_side_carry_everybody_once(
    town: Installation, listed: Listed
) -> None:
    async with town.life() as one, town.life() as other:
        workers = [wire_worker(ground, town.systems) for ground in (one, other)]
        await asyncio.gather(*(worker.step() for worker in workers))
        await _check(town, listed)


async def test_a_clock_set_back_delays_and_loses_nothing(
    town: Installation, listed: Listed
) -> None:
    await town.arm("student_status", script=[{"kind": "lost_answer", "operation": "create"}])
    async with town.life() as ground:
        await wire_worker(ground, town.systems).step()
        town.clock.set(START - timedelta(hours=2))
        await wire_worker(ground, town.systems).step()
        assert await lost_work(ground) == []
        town.clock.set(START)
        await _check(town, listed)


async def _asked(town: Installation, system: str, operation: str) -> None:
    async with asyncio.timeout(30.0):
        asked: set[str] = set()
        while operation not in asked:
            await asyncio.sleep(0.01)
            asked = {call["operation"] for call in await town.requests(system)}


async def _check(town: Installation, listed: Listed) -> None:
    async with town.life() as ground:
        await town.recover(ground, rounds=2)
        assert await rows(ground) == listed.expected
        assert await lost_work(ground) == []
        await check_evidence(ground)
        primary, preschool = await town.requests("student_status"), await town.requests("preschool")
        check_creations(primary)
        check_writes(primary, "create")
        check_writes(preschool, "advance")
        records = await town.records("preschool"), await town.records("student_status")
        await check_receipts(ground, town.systems, *records)
