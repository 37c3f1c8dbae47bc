"""SIGKILL of the worker amid a round: it goes on where it was, within the quota, nothing twice.

`KILLED_CHILDREN=2000 KILLED_TIMES=30` is the full size.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import httpx2 as httpx
import pytest

from adapters.population.nciic.contract import CHECK
from adapters.population.nciic.simulator import DEMO_LICENCE
from adapters.registry import SYSTEMS
from adapters.simulation.serving import serving
from gateway.access.vocabulary import Role
from gateway.clock import VirtualClock
from gateway.keys import open_keys
from gateway.settings import load_settings
from gateway.verification.batches.asking import DEPTH
from gateway.wiring.doors import wire_app
from gateway.wiring.ground import open_ground
from gateway.wiring.systems import open_systems
from gateway.wiring.work import close_open_calls, wire_worker
from tests.adapters.small_world import CHILD
from tests.crash.nursery import open_nursery
from tests.intake.stage import START, Stage
from tests.intake.village import KINDERGARTEN, Village
from tests.verification.batches.town import residents, settle
from tests.verification.periodic.actors import course, start

CHILDREN = int(os.environ.get("KILLED_CHILDREN", "240"))
TIMES = int(os.environ.get("KILLED_TIMES", "3"))
ROWS_A_CALL, CALLS_AT_ONCE = 5, 2
CALLS = CHILDREN // ROWS_A_CALL
AGREED = 3 * CALLS // 4
IN_FLIGHT = CALLS_AT_ONCE * DEPTH  # calls a life may have asked and not kept
LATENCY = 0.05
FINISHED_WITHIN = 60.0


def town() -> Village:
    """A kindergarten full of children whom the police know."""
    village, people = Village(), residents(1, CHILDREN)
    settle(village, people)
    for one in people:
        cells = {"机构标识码": KINDERGARTEN, "学籍状态": "在园", "学籍号": f"G{one.number}"}
        born_on = f"{one.number[6:10]}-{one.number[10:12]}-{one.number[12:14]}"
        who = {"姓名": one.name, "出生日期": born_on, "身份证号码": one.number}
        who |= {"性别": "男" if int(one.number[16]) % 2 else "女"}
        village.preschool.append({**CHILD, **cells, **who})
    return village


@pytest.mark.timeout(180)
async def test_a_worker_killed_amid_a_round_compares_each_record_once_and_within_the_quota(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    async with opened(migrated_sqlite_url, tmp_path) as (stage, configuration):
        round_id = (await start(stage))["round_id"]
        configuration.write_text(terms(stage, tmp_path, f"[{{calls = {AGREED}, per = 'day'}}]"))
        told: dict[str, int] = {}
        async with open_nursery(configuration, tmp_path / "lives.log") as nursery:
            for _ in range(TIMES):
                async with nursery.life("work", SIGKILL):
                    await asked_more(stage, DEPTH + 2)  # one wave is kept, the next is under way
                told = await answered(stage, round_id, told)
            assert len(await stage.requests("population", CHECK)) <= AGREED
            assert 0 < len(told) < CHILDREN
            configuration.write_text(terms(stage, tmp_path, "[]"))
            async with nursery.life("work", SIGTERM):
                await finished(stage, round_id)
        numbers = await asked_about(stage)
        assert (await course(stage, round_id))["records"] == CHILDREN == len(numbers)
        assert await outcomes(stage, round_id) == {"MATCH": CHILDREN}
        assert {number: numbers[number] for number in told} == told
        again = sum(numbers.values()) - CHILDREN
        assert 0 < again <= TIMES * IN_FLIGHT * ROWS_A_CALL
        await every_question_has_one_outcome(stage)


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[tuple[Stage, Path]]:
    """The offices' doors over a store that a worker of its own shares."""
    open_keys(folder / "keys", create=True)
    (folder / "licence").write_text(DEMO_LICENCE, encoding="utf-8")
    configuration, world = folder / "jisui.toml", town().world
    async with AsyncExitStack() as things:
        urls = {
            system.name: await things.enter_async_context(
                serving(system.simulate(world, latency_seconds=LATENCY))
            )
            for system in SYSTEMS
        }
        configuration.write_text(f'database_url = "{url}"\n' + _lines(folder, urls, "[]"))
        ground = await things.enter_async_context(open_ground(load_settings(configuration)))
        systems = await things.enter_async_context(open_systems(ground))
        app = wire_app(ground, systems)
        transport = httpx.ASGITransport(app)
        door = httpx.AsyncClient(transport=transport, base_url="http://gateway", verify=False)
        outside = httpx.AsyncClient(verify=False)
        await things.enter_async_context(door)
        await things.enter_async_context(outside)
        worker, clock = wire_worker(ground, systems), VirtualClock(START)
        yield Stage(ground, systems, worker, clock, urls, app, door, outside), configuration


def terms(stage: Stage, folder: Path, quota: str) -> str:
    """The worker's configuration under this quota."""
    url = stage.ground.settings.database_url
    return f'database_url = "{url}"\n' + _lines(folder, stage.urls, quota)


def _lines(folder: Path, urls: Any, quota: str) -> str:
    lines = [
        f'keys_folder = "{folder / "keys"}"',
        'log_level = "WARNING"',
        f'systems.preschool.url = "{urls["preschool"]}"',
        f'systems.student_status.url = "{urls["student_status"]}"',
        f'systems.population.url = "{urls["population"]}"',
        f'systems.population.licence_file = "{folder / "licence"}"',
        f"systems.population.at_once = {CALLS_AT_ONCE}",
        f"systems.population.quota = {quota}",
    ]
    return "\n".join(lines) + "\n"


async def asked_more(stage: Stage, calls: int) -> None:
    """Wait until the register was asked so many times more."""
    enough = len(await stage.requests("population", CHECK)) + calls
    async with asyncio.timeout(FINISHED_WITHIN):
        while len(await stage.requests("population", CHECK)) < enough:
            await asyncio.sleep(0.1)


async def asked_about(stage: Stage) -> Counter[str]:
    """How often the register was asked about each number."""
    calls = await stage.requests("population", CHECK)
    return Counter(row["GMSFHM"] for call in calls for row in call["question"]["rows"])


async def answered(stage: Stage, round_id: str, before: dict[str, int]) -> dict[str, int]:
    """How often each number was asked about whose record has its verdict; none has lost it."""
    index, asked = stage.ground.sealer.index, await asked_about(stage)
    numbers = {
        index("preschool record", f"XQ{place:08d}"): one.number
        for place, one in enumerate(residents(1, CHILDREN), 1)
    }
    told = [numbers[row["row"]] for row in await rows(stage, round_id) if row["outcome"]]
    assert before.keys() <= set(told)
    return {number: before.get(number, asked[number]) for number in told}


async def outcomes(stage: Stage, round_id: str) -> Counter[str]:
    """How many records have which verdict."""
    return Counter(row["outcome"] for row in await rows(stage, round_id))


async def rows(stage: Stage, round_id: str) -> list[dict[str, Any]]:
    """The rows of the round's batch; none while it is being filled."""
    found: list[dict[str, Any]] = []
    for sweep in (await course(stage, round_id))["comparisons"]:
        after: int | None = 0
        while after is not None:
            path = f"/v1/verification-batches/{sweep['batch_id']}/rows?after={after}&limit=300"
            answer = await stage.ask("GET", path, Role.COUNTY)
            page = answer.json() if answer.status_code == 200 else {"rows": [], "next": None}
            found += page["rows"]
            after = page["next"]
    return found


async def finished(stage: Stage, round_id: str) -> None:
    async with asyncio.timeout(FINISHED_WITHIN):
        while [one["state"] for one in (await course(stage, round_id))["comparisons"]] != ["done"]:
            await asyncio.sleep(0.3)


async def every_question_has_one_outcome(stage: Stage) -> None:
    async with stage.ground.database.transaction() as connection:
        await stage.ground.calls.close_open(connection)
    await close_open_calls(stage.ground)
    entries = await stage.entries()
    asked = {e["object"] for e in entries if e["action"] == "register.asked"}
    answered = [e["object"] for e in entries if e["action"] == "register.answered"]
    assert len(answered) == len(set(answered))
    assert set(answered) <= asked
