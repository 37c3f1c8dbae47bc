"""A batch and a person at a desk want the same register: neither starves the other."""

import asyncio
import statistics
from collections.abc import AsyncIterator

import pytest

from contracts.errors import SystemFailure
from gateway.database import Database
from tests.calls.desk import Desk, open_desk
from tests.calls.lagging import lagging
from tests.calls.upstream import Upstream, upstream

SECONDS = 0.1
AT_ONCE = 4
QUESTIONS = 15


@pytest.fixture
async def system() -> AsyncIterator[Upstream]:
    async with upstream(seconds=SECONDS) as opened:
        yield opened


async def test_a_person_waits_no_longer_beside_a_batch_and_the_batch_goes_on(
    store: Database, system: Upstream
) -> None:
    url = f"http://127.0.0.1:{system.port}"
    async with open_desk(store, url, seconds=30.0, at_once=AT_ONCE) as desk:
        idle = [await question(desk) for _ in range(QUESTIONS)]
        batch = asyncio.ensure_future(send_batch(desk, 200))
        await asyncio.sleep(SECONDS)
        begun = len(system.asked_at)
        async with lagging() as lag:
            busy = [await question(desk, pause=SECONDS) for _ in range(QUESTIONS)]
        asked = len(system.asked_at) - begun - QUESTIONS
        batch.cancel()
        await asyncio.gather(batch, return_exceptions=True)
    assert max(busy) <= 2 * statistics.median(idle) + 3 * max(lag)
    assert asked >= 0.1 * (asked + QUESTIONS)
    assert asked >= QUESTIONS  # three of four places, twice as long: it hardly notices


async def test_a_crowd_of_people_leaves_a_batch_every_tenth_place(
    store: Database, system: Upstream
) -> None:
    system.seconds = 0.02
    url = f"http://127.0.0.1:{system.port}"
    async with open_desk(store, url, seconds=30.0, at_once=AT_ONCE) as desk:
        batch = [desk.call("batch") for _ in range(60)]
        people = [desk.call("desk", interactive=True) for _ in range(300)]
        asked = await desk.asked(*batch, *people)
        order: list[str] = []
        sending = [asyncio.create_task(noted(desk, call, order)) for call in asked]
        await asyncio.gather(*sending)
    crowd = order[: order.index("desk") + 300]
    while_both_waited = crowd[: len(crowd) - crowd[::-1].index("desk")]
    assert while_both_waited.count("batch") >= 0.1 * len(while_both_waited) - AT_ONCE


async def question(desk: Desk, pause: float = 0.0) -> float:
    """The seconds a person waits for an answer."""
    await asyncio.sleep(pause)
    asked = await desk.asked(desk.call(interactive=True))
    began = asyncio.get_running_loop().time()
    answers = await desk.calls.send(asked)
    taken = asyncio.get_running_loop().time() - began
    await desk.answered(asked, answers)
    assert not isinstance(answers[0], SystemFailure)
    return taken


async def send_batch(desk: Desk, calls: int) -> None:
    await desk.exchange(*(desk.call() for _ in range(calls)))


async def noted(desk: Desk, call: object, order: list[str]) -> None:
    (answer,) = await desk.calls.send([call])  # type: ignore[list-item]
    assert not isinstance(answer, SystemFailure)
    order.append(call.operation)  # type: ignore[attr-defined]
