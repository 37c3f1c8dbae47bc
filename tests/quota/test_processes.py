"""Four processes, one quota, and a Redis that is killed, restarted, flushed and held up meanwhile.

`QUOTA_DAY=5000 QUOTA_SECOND=10` is the full size (ten minutes).
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import redis

from tests.engines.redis_server import RedisServer, redis_sources, restart_redis, start_redis

DAY = int(os.environ.get("QUOTA_DAY", "100"))
SECOND = int(os.environ.get("QUOTA_SECOND", "12"))
PROCESSES = 4
HELD_UP_SECONDS = 1.5
# Between two misfortunes there is time for more than a second's calls: 20 of the 100 by default.
PATIENCE_SECONDS = 90 + 3 * DAY // SECOND
Got = tuple[float, float, int]


@pytest.mark.timeout(2 * PATIENCE_SECONDS)
async def test_no_day_and_no_second_is_ever_exceeded(migrated_postgres_url: str) -> None:
    takers = Takers(migrated_postgres_url, start_redis(list(redis_sources())))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            got = await takers.run()
    finally:
        takers.server.stop()
    total = sum(calls for _, _, calls in got)
    assert total <= DAY
    assert total >= DAY - max(DAY // 20, 3)  # what the killed process had in reserve
    assert busiest_second(got) <= SECOND


def busiest_second(got: Sequence[Got]) -> int:
    """The most calls that were for certain granted within one second."""
    return max(
        sum(calls for before, after, calls in got if start <= before and after < start + 1.0)
        for start, _, _ in got
    )


class Takers:
    """Processes that take what there is while Redis is ill-treated, a fifth of the day apart."""

    def __init__(self, database_url: str, server: RedisServer) -> None:
        noon = datetime.now(UTC).replace(hour=4, minute=0)
        self.orders = {
            "database_url": database_url,
            "redis_url": server.url,
            "ahead": (noon - datetime.now(UTC)).total_seconds(),
            "quota": [{"calls": DAY, "per": "day"}, {"calls": SECOND, "per": "second"}],
        }
        self.server = server
        self.got: list[Got] = []
        self.more = asyncio.Event()

    async def run(self) -> list[Got]:
        running = [await self.start() for _ in range(PROCESSES)]
        reading = [asyncio.create_task(self.read(process)) for process in running]
        try:
            await self.ill_treat(running[0])
            reading.append(asyncio.create_task(self.read(await self.start())))
            await asyncio.gather(*reading)
        finally:
            self.server.process.send_signal(signal.SIGCONT)
            for process in running:
                if process.returncode is None:
                    process.kill()
        assert [process.returncode for process in running[1:]] == [0] * (PROCESSES - 1)
        return self.got

    async def ill_treat(self, victim: Process) -> None:
        await self.until(DAY // 5)
        self.server.stop()
        await self.until(2 * DAY // 5)
        self.server = restart_redis(self.server, list(redis_sources()))
        await self.until(3 * DAY // 5)
        with redis.Redis.from_url(self.server.url) as client:
            client.flushall()
        victim.kill()
        await self.until(4 * DAY // 5)
        self.server.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(HELD_UP_SECONDS)
        self.server.process.send_signal(signal.SIGCONT)

    async def until(self, calls: int) -> None:
        while sum(each for _, _, each in self.got) < calls:
            self.more.clear()
            await self.more.wait()

    async def start(self) -> Process:
        program = [sys.executable, "-m", "tests.quota.taker", json.dumps(self.orders)]
        return await asyncio.create_subprocess_exec(*program, stdout=PIPE)

    async def read(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            before, after, calls = line.split()
            self.got.append((float(before), float(after), int(calls)))
            self.more.set()
        await process.wait()
