"""Each question to a system has exactly one outcome on record, also where its asker goes away."""

import asyncio
import json
from collections import Counter as Count
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from adapters.population.nciic.contract import CHECK
from adapters.simulation.serving import serving
from gateway.access.vocabulary import Role
from gateway.calls.tables import open_calls
from gateway.leases import work
from gateway.wiring.work import close_open_calls
from tests.intake.stage import Stage, open_stage
from tests.intake.village import COUNTY, SCHOOL, Child, Village, person

CHILDREN = [person(serial) for serial in range(1, 5)]
SLOW = {"kind": "slow", "operation": "*", "seconds": 0.3}
AFTER_EVERY_DEADLINE = 3600.0


@pytest.fixture
async def stage(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    village = Village()
    for child in CHILDREN:
        village.known(child)
    async with open_stage(migrated_sqlite_url, tmp_path, village) as stage:
        yield stage


async def begin(stage: Stage, url: str, child: Child) -> asyncio.StreamWriter:
    """A connection on which a child was asked about, and nothing read yet."""
    claim = {"document": {"kind": "1", "number": child.document}, "name": child.name}
    body = json.dumps(claim).encode()
    headers = {
        "Host": "gateway",
        "Authorization": f"Bearer {await stage._token(Role.CLERK, SCHOOL, COUNTY)}",
        "X-Road-UserId": "somebody",
        "X-Road-Issue": "case-1",
        "Jisui-Purpose": "enrolment",
        "Prefer": "wait=10",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    address = urlsplit(url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"POST /v1/verifications HTTP/1.1\r\n{lines}\r\n".encode() + body)
    await writer.drain()
    return writer


async def outcomes(stage: Stage) -> list[dict[str, Any]]:
    """What each question came to, and that each asked has one and no other has any."""
    entries = await stage.entries()
    asked = Count(each["object"] for each in entries if each["action"] == "register.asked")
    answered = [each for each in entries if each["action"] == "register.answered"]
    assert Count(each["object"] for each in answered) == asked
    assert set(asked.values()) == {1}
    return answered


async def no_work_waits(stage: Stage) -> None:
    """Return once every query was settled by whoever had begun it."""
    while True:
        async with stage.ground.database.reading() as connection:
            kinds = await connection.execute(select(work.c.kind).where(work.c.kind.like("query:%")))
            if not kinds.all():
                return
        await asyncio.sleep(0.02)


async def asked_about(stage: Stage, children: int) -> None:
    """Return once the register was asked so often."""
    while len(await stage.requests("population", CHECK)) < children:
        await asyncio.sleep(0.02)


async def test_a_client_that_hangs_up_leaves_one_outcome_a_question(stage: Stage) -> None:
    await stage.set_fault("population", SLOW)
    async with serving(stage.app) as url:
        for child, seconds in zip(CHILDREN, (0.0, 0.02, 0.1, None), strict=True):
            writer = await begin(stage, url, child)
            if seconds is None:
                await asked_about(stage, 1)  # it is on the way: nothing can take it back
            else:
                await asyncio.sleep(seconds)
            writer.transport.abort()
        await no_work_waits(stage)
    answered = await outcomes(stage)
    assert {each["outcome"] for each in answered} == {"answered"}


async def test_a_process_that_dies_amid_its_calls_leaves_them_unknown_once(stage: Stage) -> None:
    await stage.set_fault("population", {"kind": "hang", "operation": "*", "seconds": 30.0})
    async with serving(stage.app) as url:
        writers = [await begin(stage, url, child) for child in CHILDREN]
        await asked_about(stage, 1)
    for writer in writers:
        writer.transport.abort()
    stage.clock.advance(AFTER_EVERY_DEADLINE)
    for _ in range(2):
        await close_open_calls(stage.ground)
    assert {each["outcome"] for each in await outcomes(stage)} == {"unknown"}
    async with stage.ground.database.reading() as connection:
        assert (await connection.execute(select(open_calls))).all() == []
