"""A system that is stuck in any way costs a call its deadline, and never a moment or a socket more.

`TOXIC_CALLS` sets how many calls meet each toxic.
"""

import asyncio
import os
from pathlib import Path

import pytest

from contracts.errors import SystemFailure
from gateway.calls.call import NotSent
from gateway.calls.deadlines import after
from gateway.database import Database
from tests.calls import toxics
from tests.calls.desk import Desk, open_desk
from tests.calls.lagging import lagging
from tests.calls.toxics import Pump, proxied
from tests.calls.upstream import upstream

CALLS = int(os.environ.get("TOXIC_CALLS", "24"))
TOGETHER = 24
DEADLINE_SECONDS = 0.5
GRACE_SECONDS = 0.2

TOXICS: dict[str, Pump] = {
    "latency": toxics.latency(0.4, jitter=0.3),
    "bandwidth": toxics.bandwidth(2500),
    "slow_close": toxics.slow_close(2.0),
    "timeout": toxics.timeout(),
    "reset_peer": toxics.reset_peer(0.05),
    "slicer": toxics.slicer(20, 0.01),
    "limit_data": toxics.limit_data(500),
}
NEVER, SOMETIMES = ("slow_close",), ("latency",)  # spoil a call; the others always do


@pytest.mark.parametrize("name", [*TOXICS, "down"])
async def test_no_call_outlives_its_deadline_and_nothing_is_left_behind(
    store: Database, name: str
) -> None:
    await warm(store)
    tasks, sockets = asyncio.all_tasks(), open_sockets()
    async with upstream() as system, proxied(system.port, TOXICS.get(name)) as proxy:
        if name == "down":
            await proxy.down()
        async with open_desk(store, proxy.url, seconds=DEADLINE_SECONDS, at_once=64) as desk:
            for start in range(0, CALLS, TOGETHER):
                numbers = range(start, min(CALLS, start + TOGETHER))
                async with lagging() as lag:
                    taken = await asyncio.gather(*(one(desk, number) for number in numbers))
                longest = max(seconds for seconds, _ in taken)
                assert longest <= DEADLINE_SECONDS + GRACE_SECONDS + sum(lag)
                assert name in SOMETIMES or {failed for _, failed in taken} == {name not in NEVER}
    await asyncio.sleep(0.05)  # the loop tells of closed connections in its next rounds
    assert asyncio.all_tasks() == tasks
    assert open_sockets() == sockets


async def test_a_call_that_waits_for_its_place_is_never_sent_after_its_deadline(
    store: Database,
) -> None:
    async with (
        upstream(seconds=0.4) as system,
        open_desk(store, f"http://127.0.0.1:{system.port}", at_once=1) as desk,
    ):
        late = desk.call("late", interactive=True, deadline=after(0.1))
        first, second = await asyncio.gather(desk.exchange(desk.call()), desk.exchange(late))
        assert not isinstance(first[0], SystemFailure)
        assert isinstance(second[0], NotSent)
        await asyncio.sleep(0.1)
        assert len(system.asked_at) == 1


async def test_a_deadline_that_has_passed_sends_nothing(store: Database) -> None:
    async with (
        upstream() as system,
        open_desk(store, f"http://127.0.0.1:{system.port}") as desk,
    ):
        gone = after(0.0)
        await asyncio.sleep(0.01)
        (answer,) = await desk.exchange(desk.call(writing=True, deadline=gone))
        assert isinstance(answer, NotSent)
        assert system.asked_at == []


async def warm(store: Database) -> None:
    """Open what a store keeps open."""
    async with (
        upstream() as system,
        open_desk(store, f"http://127.0.0.1:{system.port}") as desk,
    ):
        await desk.exchange(desk.call())
    await asyncio.sleep(0.05)


async def one(desk: Desk, number: int) -> tuple[float, bool]:
    """The seconds a call took and whether it failed; each on a lane of its own."""
    async with desk.database.transaction() as connection:
        call = desk.call(f"o{number}", deadline=after(DEADLINE_SECONDS))
        asked = await desk.calls.asked(connection, [call])
    loop = asyncio.get_running_loop()
    began = loop.time()
    (answer,) = await desk.calls.send(asked)
    return loop.time() - began, isinstance(answer, SystemFailure)


def open_sockets() -> int:
    """How many sockets this process has open."""
    links = (os.readlink(link) for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
    return sum(link.startswith("socket:") for link in links)
