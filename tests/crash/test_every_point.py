"""A crash at every commit, call and await of the steps; the next process finishes the work.

`CRASH_CHILDREN=20` has more plain children, `CRASH_AWAITS=1` stops at every await and not only at
one in so many.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.crash.fuse import Crash, Fuse, Steered
from tests.crash.installation import Installation, open_installation
from tests.crash.invariants import (
    check_creations,
    check_evidence,
    check_receipts,
    check_writes,
    lost_work,
    rows,
)
from tests.crash.village import Listed, list_children

PLAIN = int(os.environ.get("CRASH_CHILDREN", "1"))
ONE_AWAIT_IN = int(os.environ.get("CRASH_AWAITS", "29"))
SHARDS = range(2)
Life = Callable[[Installation, Fuse], Awaitable[None]]


@pytest.fixture
def listed() -> Listed:
    return list_children(PLAIN)


@pytest.fixture
async def town(
    migrated_sqlite: Path, tmp_path: Path, listed: Listed
) -> AsyncIterator[Installation]:
    world = listed.village.world
    async with open_installation(tmp_path, migrated_sqlite, world, listed.rows) as opened:
        yield opened


async def test_without_a_crash_every_child_meets_its_fate(
    town: Installation, listed: Listed
) -> None:
    await _live(town, Fuse())
    await _check(town, listed)


@pytest.mark.parametrize("shard", SHARDS)
async def test_a_crash_around_any_commit_or_call_is_made_good(
    town: Installation, listed: Listed, shard: int
) -> None:
    crashes = await _crash_at(town, listed, _live, range(1 + shard, 10_000, len(SHARDS)))
    assert crashes >= 20


@pytest.mark.parametrize("shard", SHARDS)
async def test_a_crash_amid_lost_answers_is_made_good(
    town: Installation, listed: Listed, shard: int
) -> None:
    points = range(1 + shard, 10_000, len(SHARDS))
    crashes = await _crash_at(town, listed, _live_with_lost_answers, points, rounds=2)
    assert crashes >= 30


@pytest.mark.parametrize("shard", SHARDS)
async def test_a_crash_at_any_await_is_made_good(
    town: Installation, listed: Listed, shard: int
) -> None:
    points = range(1 + shard * ONE_AWAIT_IN, 100_000, len(SHARDS) * ONE_AWAIT_IN)
    assert await _crash_at(town, listed, _live_await_by_await, points) >= 10


async def _crash_at(
    town: Installation, listed: Listed, live: Life, points: range, rounds: int = 1
) -> int:
    """How many lives ended early: one at each of the points, as far as there are any."""
    for crashes, point in enumerate(points):
        await town.renew()
        fuse = Fuse(point)
        try:
            await live(town, fuse)
        except Crash:
            await _check(town, listed, f"point {point}: {fuse.last}", rounds)
        else:
            assert not fuse.burnt, f"somebody caught the crash at point {point}"
            return crashes
    raise AssertionError("there is no end of points")


async def _live(town: Installation, fuse: Fuse) -> None:
    async with town.process(fuse) as worker:
        await worker.step()


async def _live_with_lost_answers(town: Installation, fuse: Fuse) -> None:
    await town.arm("student_status", script=[_lost("create", 1), _lost("create", 2)])
    await town.arm("preschool", script=[_lost("advance", 1)])
    async with town.process(fuse) as worker:
        for _ in range(3):
            await worker.step()
            town.clock.advance(20.0)


async def _live_await_by_await(town: Installation, fuse: Fuse) -> None:
    async with town.process(Fuse()) as worker:
        await Steered(worker.step(), fuse)


def _lost(operation: str, nth: int) -> dict[str, object]:
    return {"kind": "lost_answer", "operation": operation, "nth": nth}


async def _check(town: Installation, listed: Listed, where: str = "", rounds: int = 1) -> None:
    async with town.life() as ground:
        assert await lost_work(ground) == [], where
        await town.recover(ground, rounds)
        assert await rows(ground) == listed.expected, where
        assert await lost_work(ground) == [], where
        await check_evidence(ground)
        primary, preschool = await town.requests("student_status"), await town.requests("preschool")
        check_writes(primary, "create")
        check_writes(preschool, "advance")
        check_creations(primary)
        records = await town.records("preschool"), await town.records("student_status")
        await check_receipts(ground, town.systems, *records)
