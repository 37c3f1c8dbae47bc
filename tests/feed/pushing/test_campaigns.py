"""Push under bad subscribers: all is delivered, on schedule, and nobody waits for another.

`TEST_PUSH_CHANGES` sets how many changes fall into the seven days of errors; 300 where it is not
given. The days pass on a virtual clock.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from gateway.database import Database
from gateway.feed.pushing.lanes import AT_ONCE
from gateway.feed.pushing.waking import PUSH
from gateway.worker import Lane, Worker
from tests.feed.province import NOW, children
from tests.feed.pushing.lane import Bench, bench, changes_of, subscribe_to_push
from tests.feed.pushing.receiver import OK, Received, receiving, status

CHANGES = int(os.environ.get("TEST_PUSH_CHANGES", "300"))
DAYS = 7
FAULTS = 0.3
PLANNED = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)


async def test_seven_days_of_errors_resets_and_lost_receipts(embedded: Database) -> None:
    made = await children(embedded, 12)
    faulty = Faulty(Random(18))
    async with bench(embedded, chance=Random(7)) as lanes, receiving(faulty.answer) as subscriber:
        faulty.lanes = lanes
        await subscribe_to_push(embedded, "a", subscriber.url, batch=20)
        for part in range(20):
            await changes_of(embedded, made, CHANGES // 20)
            await lanes.until(NOW + timedelta(days=DAYS) * (part + 1) / 20)
        await lanes.until(NOW + timedelta(days=DAYS + 5))
        assert await lanes.kept("acknowledged") == CHANGES // 20 * 20
        assert await lanes.asides() == ()
    taken = list(dict.fromkeys(faulty.taken))
    assert sorted(number for number, _ in taken) == list(range(1, CHANGES // 20 * 20 + 1))
    assert in_order(taken)
    assert faulty.failures > 10
    assert all(on_schedule(times) for times in faulty.tries.values())


class Faulty:
    """Answers with an error, breaks off, or takes it and breaks off, as chance has it."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self.lanes: Bench | None = None
        self.taken: list[tuple[int, str]] = []
        self.tries: dict[str, list[datetime]] = {}
        self.failures = 0

    async def answer(self, request: Received) -> bytes | None:
        assert self.lanes is not None
        self.tries.setdefault(request.headers["webhook-id"], []).append(self.lanes.clock.now())
        fault = self._chance.random() / FAULTS
        if fault >= 2 / 3:
            self.taken += [
                (int(event["sequence"]), event["subject"])
                for event in request.events
                if "sequence" in event
            ]
        if fault >= 1:
            return OK
        self.failures += 1
        return status(self._chance.choice([500, 503])) if fault < 1 / 3 else None


def on_schedule(times: list[datetime]) -> bool:
    """Whether each wait for the same delivery is one of the schedule's, or there was none."""
    waits = [(later - sooner).total_seconds() for sooner, later in pairwise(times)]
    return all(
        wait == 0 or any(0.9 * planned <= wait <= 1.1 * planned for planned in PLANNED)
        for wait in waits
    )


def in_order(taken: list[tuple[int, str]]) -> bool:
    """Whether each child's events came in the order of their numbers, the first time each came."""
    by_child: dict[str, list[int]] = {}
    for number, child in taken:
        by_child.setdefault(child, []).append(number)
    return all(numbers == sorted(numbers) for numbers in by_child.values())


async def test_a_hung_and_a_slow_subscriber_delay_nobody(embedded: Database) -> None:
    """Four never answer, one never ends its answer; the attempt lasts longer than the test."""
    made = await children(embedded, 10)

    async def hang(request: Received) -> bytes:
        await asyncio.sleep(3600)
        return OK

    async def drip(request: Received) -> bytes:
        return b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx"

    async with (
        receiving(hang) as hung,
        receiving(drip) as slow,
        receiving() as good,
        bench(embedded, seconds=30.0) as lanes,
    ):
        for place in range(4):
            await subscribe_to_push(embedded, f"0hung{place}", hung.url)
        await subscribe_to_push(embedded, "0slow", slow.url)
        for place in range(4):
            await subscribe_to_push(embedded, f"good{place}", good.url, batch=10)
        await changes_of(embedded, made, 100)
        await lanes.wake()
        # Less than one attempt lasts.
        async with working(embedded, lanes), asyncio.timeout(28):
            while len(good.numbers) < 400:
                await asyncio.sleep(0.02)
        assert sorted(good.numbers) == sorted(list(range(1, 101)) * 4)
        assert hung.connects == 4
        assert slow.connects == 1


@asynccontextmanager
async def working(store: Database, lanes: Bench) -> AsyncIterator[None]:
    """A worker's lanes at work, until the block is left; then cut short, as by a kill."""
    lane = Lane((PUSH,), lanes.lanes.step, at_once=AT_ONCE)
    before = asyncio.all_tasks()
    worker = asyncio.create_task(Worker(store, lanes.clock, {PUSH: lane}).run(asyncio.Event()))
    try:
        yield
    finally:
        tasks = [
            task for task in asyncio.all_tasks() - before if task.get_name() in (PUSH, "watch")
        ]
        for task in (worker, *tasks):
            task.cancel()
        await asyncio.gather(worker, *tasks, return_exceptions=True)
