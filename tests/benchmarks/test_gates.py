"""What was won by measuring is not lost again: ratios and counts, never seconds."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx2 as httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters import transport
from adapters.world import World, load
from benchmarks.town import build_world, simulators
from benchmarks.vendor_script import read_list
from gateway import rows
from gateway.demo.stage import demo_area
from tests.intake.stage import open_stage

MARGIN = 0.8  # a gate is the goal with room for an uneven machine
CHILDREN = 200
STATEMENTS_PER_CHILD = 2.3
OF_THE_LIBRARYS_TIME = 0.35


@dataclass(frozen=True)
class Town:
    """A world as a stage takes it."""

    world: World


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_c: object, _k: object, statement: str, _p: object, _x: object, _m: bool) -> None:
        statements.append(statement)

    waits = rows._waits

    def noted(connection: AsyncConnection, text: str, values: Sequence[Sequence[Any]]) -> bool:
        waiting = waits(connection, text, values)
        statements.extend([text] * waiting)
        return waiting

    event.listen(Engine, "before_cursor_execute", count)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rows, "_waits", noted)
            yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", count)


async def test_a_whole_class_of_statements_serves_a_group_and_not_a_child(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    made = build_world(tmp_path / "world", CHILDREN)
    world = load(made.folder)
    area = demo_area({row["机构标识码"]: row for row in world.schools}, made.school)
    listed = read_list(made.folder / "admissions" / f"{made.school}.xlsx", CHILDREN)
    settings = {"automatic_acceptance": True}
    async with open_stage(migrated_sqlite_url, tmp_path, Town(world), **settings) as stage:
        await stage.submit(listed, school=made.school, area=area)
        with counted() as statements:
            await stage.work()
        situations = await stage.situations(made.school)
    assert situations == {str(row): "carried" for row in range(1, CHILDREN + 1)}
    assert len(statements) / CHILDREN <= STATEMENTS_PER_CHILD / MARGIN


async def test_a_call_costs_a_third_of_one_over_the_librarys_connections(
    tmp_path: Path,
) -> None:
    made = build_world(tmp_path / "world", 1)
    with simulators(made, 0.0, tmp_path / "log") as systems:
        url = systems.said["preschool"]
        library = httpx.AsyncHTTPTransport(verify=False)
        async with (
            transport.open_client(url, verify=False) as ours,
            transport.open_client(url, transport=library) as theirs,
        ):
            await cost(ours), await cost(theirs)  # connections open, caches warm
            ratios = [await cost(ours) / await cost(theirs) for _ in range(5)]
    assert median(ratios) <= OF_THE_LIBRARYS_TIME / MARGIN


async def cost(client: transport.Client) -> float:
    """The processor seconds of two hundred calls, sixteen at a time."""
    headers = {"X-Road-Client": "CN/BENCH", "X-Road-Id": "1"}
    body = b'{"questions":[{"document":"nobody"}]}'

    async def ask() -> None:
        for _ in range(13):
            answer = await transport.post(
                client, "/v1/records/query", body, system="s", operation="o", headers=headers
            )
            assert answer.status == 200

    started = time.process_time()
    await asyncio.gather(*(ask() for _ in range(16)))
    return time.process_time() - started
