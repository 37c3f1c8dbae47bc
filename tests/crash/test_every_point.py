"""A crash at every commit, call and await of the steps; the next process finishes the work.

`CRASH_CHILDREN=20` has more plain children; with `CRASH_EVERY=1` no point is left out, where there
are so many that only one in so many is tried otherwise.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
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
EVERY = bool(os.environ.get("CRASH_EVERY"))
SHARDS = range(2)
Life = Callable[[Installation, Fuse], Awaitable[None]]


@dataclass(frozen=True)
class Tour:
    """Which points lives end at: one in so many, from a shard's first on; then what follows."""

    live: Life
    one_in: int = 1
    rounds: int = 1
    chores: bool = False

    def points(self, shard: int) -> range:
        one_in = 1 if EVERY else self.one_in
        return range(1 + shard * one_in, 100_000, len(SHARDS) * one_in)


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
    await _check(town, listed, Tour(_live, chores=True))


@pytest.mark.parametrize("shard", SHARDS)
async def test_a_crash_around_any_commit_or_call_is_made_good(
    town: Installation, listed: Listed, shard: int
) -> None:
    assert await _crash(town, listed, Tour(_live), shard) >= 30


@pytest.mark.parametrize("shard", SHARDS)
async def test_a_crash_amid_lost_answers_is_made_good(
    town: Installation, listed: Listed, shard: int
) -> None:
    tour = Tour(_live_with_lost_answers, one_in=5, rounds=2, chores=True)
    assert await _crash(town, listed, tour, shard) >= 5


# A dead process closes nothing, and the interpreter says so when it clears up.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("shard", SHARDS)
async def test_a_crash_at_any_await_is_made_good(
    town: Installation, listed: Listed, shard: int
) -> None:
    assert await _crash(town, listed, Tour(_live_await_by_await, one_in=17), shard) >= 5


async def _crash(town: Installation, listed: Listed, tour: Tour, shard: int) -> int:
    """How many lives ended early: one at each of the tour's points, as far as there are any."""
    for crashes, point in enumerate(tour.points(shard)):
        await town.renew()
        fuse = Fuse(point)
        try:
            await tour.live(town, fuse)
        except Crash:
            await _check(town, listed, tour, f"point {point}: {fuse.last}")
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


async def _check(town: Installation, listed: Listed, tour: Tour, where: str = "") -> None:
    async with town.life() as ground:
        assert await lost_work(ground) == [], where
        await town.recover(ground, tour.rounds, chores=tour.chores)
        assert await rows(ground) == listed.expected, where
        assert await lost_work(ground) == [], where
        await check_evidence(ground)
        primary, preschool = await town.requests("student_status"), await town.requests("preschool")
        check_writes(primary, "create")
        check_writes(preschool, "advance")
        check_creations(primary)
        records = await town.records("preschool"), await town.records("student_status")
        await check_receipts(ground, town.systems, *records)
