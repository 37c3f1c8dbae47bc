"""A register goes away under load and comes back: no storm of retries, and soon all is well.

`STORM_SECONDS` is how long it is away, `STORM_RATE` how many answers a second four processes want
together.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.calls.lanes import FIRST_REST_SECONDS, LONGEST_REST_SECONDS
from tests.calls.toxics import proxied
from tests.calls.upstream import upstream

AWAY_SECONDS = float(os.environ.get("STORM_SECONDS", "5"))
RATE = float(os.environ.get("STORM_RATE", "60"))
PROCESSES = 4
BEFORE_SECONDS = 3.0
AFTER_SECONDS = 6.0 if AWAY_SECONDS < 30 else 30.0
NOTICED_SECONDS = 1.0
RECOVERED_SECONDS = 10.0
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Told:
    """What the processes did together."""

    demand: int
    left_at: list[float]
    answered_at: list[float]

    def left(self, since: float, until: float) -> int:
        return sum(since <= at < until for at in self.left_at)


async def test_a_register_that_goes_away_and_comes_back_meets_no_storm(
    migrated_postgres_url: str,
) -> None:
    loop = asyncio.get_running_loop()
    async with upstream(seconds=0.02) as system, proxied(system.port) as proxy:
        orders = {"database_url": migrated_postgres_url, "url": proxy.url, "rate": RATE / PROCESSES}
        processes = await asyncio.gather(*(started(orders) for _ in range(PROCESSES)))
        away_at = loop.time() + BEFORE_SECONDS
        back_at = away_at + AWAY_SECONDS
        until = back_at + AFTER_SECONDS
        raging = asyncio.gather(*(told_at_the_end(process, until) for process in processes))
        await asyncio.sleep(away_at - loop.time())
        await proxy.down()
        await asyncio.sleep(back_at - loop.time())
        await proxy.up()
        back_at = loop.time()
        told = together(await raging)
    before = told.left(away_at - BEFORE_SECONDS / 2, away_at) / (BEFORE_SECONDS / 2)
    assert before >= RATE / 4, "the machine could not make the load"
    assert len(told.left_at) <= 1.1 * told.demand
    assert told.left(away_at + NOTICED_SECONDS, back_at) <= probes(AWAY_SECONDS)
    assert recovered(told, back_at, min(RATE, before)) <= RECOVERED_SECONDS
    assert busiest(told, back_at, until) <= 3.0


async def started(orders: Mapping[str, object]) -> Process:
    """A process that has its store and its connection open."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.calls.storming", cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(orders).encode() + b"\n")
    assert await process.stdout.readline() == b"ready\n"
    return process


async def told_at_the_end(process: Process, until: float) -> dict[str, list[float]]:
    said, _ = await process.communicate(f"{until}\n".encode())
    assert process.returncode == 0
    told: dict[str, list[float]] = json.loads(said)
    return told


def together(each: list[dict[str, list[float]]]) -> Told:
    return Told(
        sum(int(one["demand"]) for one in each),  # type: ignore[call-overload]
        sorted(at for one in each for at in one["left_at"]),
        sorted(at for one in each for at in one["answered_at"]),
    )


def probes(seconds: float) -> int:
    """How many probes fit into so many seconds of absence, each followed by a longer rest."""
    count, at, rest = 0, 0.0, FIRST_REST_SECONDS
    while at < seconds:
        at += rest
        rest = min(2 * rest, LONGEST_REST_SECONDS)
        count += 1
    return count


def recovered(told: Told, back_at: float, rate: float) -> float:
    """The seconds until answers come at the rate at which they came before."""
    answered = [at for at in told.answered_at if at >= back_at]
    for at in answered:
        if sum(at <= other < at + 1.0 for other in answered) >= 0.9 * rate:
            return at - back_at
    return float("inf")


def busiest(told: Told, since: float, until: float) -> float:
    """The calls of the busiest tenth of a second, as a multiple of what is wanted in one."""
    left = [at for at in told.left_at if since <= at < until]
    return max(Counter(int(10 * (at - since)) for at in left).values()) / (RATE / 10)
