"""One whole intake: a list handed in over HTTP, every child looked up, verified, carried."""

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.transport import open_client
from benchmarks.floor import Floor, sampled_floor
from benchmarks.town import Town, World, at_a_desk, build_world, town
from gateway.demo.clerk import Desk

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Intake:
    """What one intake took. Processor seconds are of the whole run, from ready to settled."""

    children: int
    latency_ms: float
    accepted_seconds: float
    seconds: float
    gateway_cpu_seconds: float
    worker_cpu_seconds: float
    simulators_cpu_seconds: float
    gateway_peak_mib: float
    worker_peak_mib: float
    floor_ms: float
    floor_spread: float
    calls: dict[str, int]

    @property
    def children_per_second(self) -> float:
        """From the list handed in to every child settled."""
        return self.children / self.seconds

    @property
    def cpu_floors_per_child(self) -> float:
        """Processor time of the gateway and the worker, in the floors of those very minutes."""
        both = 1000 * (self.gateway_cpu_seconds + self.worker_cpu_seconds)
        return both / self.children / self.floor_ms

    @property
    def peak_mib(self) -> float:
        """Of the gateway and the worker together."""
        return self.gateway_peak_mib + self.worker_peak_mib


def measure_intake(children: int, latency_ms: float) -> Intake:
    """Run one intake in a world and a store of its own; `AssertionError` where it went wrong."""
    with tempfile.TemporaryDirectory(prefix="jisui-bench-") as name:
        folder = Path(name)
        world = build_world(folder / "world", children)
        (folder / "store").mkdir()
        with town(world, folder / "store", latency_ms) as up, sampled_floor() as floor:
            return asyncio.run(_run(up, latency_ms, floor))


async def _run(up: Town, latency_ms: float, floor: Floor) -> Intake:
    parts = (up.gateway, up.worker, up.simulators)
    before = [part.cpu_seconds() for part in parts]
    started = time.perf_counter()
    intake_id = await at_a_desk(up, up.clerk_token, lambda desk: _hand_in(desk, up.world))
    accepted = time.perf_counter()
    await at_a_desk(up, up.county_token, lambda desk: desk.confirm(intake_id))
    await at_a_desk(up, up.clerk_token, lambda desk: _settle(desk, intake_id))
    settled = time.perf_counter()
    after = [part.cpu_seconds() for part in parts]
    rows = await at_a_desk(up, up.clerk_token, lambda desk: desk.rows(intake_id))
    gateway, worker, systems = (
        round(late - early, 2) for late, early in zip(after, before, strict=True)
    )
    return Intake(
        up.world.children,
        latency_ms,
        round(accepted - started, 3),
        round(settled - started, 3),
        gateway,
        worker,
        systems,
        round(up.gateway.peak_mib(), 1),
        round(up.worker.peak_mib(), 1),
        round(floor.median, 3),
        round(floor.spread, 3),
        await _check(up, rows),
    )


async def _hand_in(desk: Desk, world: World) -> str:
    file = world.folder / "admissions" / f"{world.school}.xlsx"
    intake_id: str = (await desk.submit(world.school, file))["intake_id"]
    return intake_id


async def _settle(desk: Desk, intake_id: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (await desk.read(intake_id))["settled"]:  # noqa: ASYNC110 - as a clerk looks
            await asyncio.sleep(POLL_SECONDS)


async def _check(up: Town, rows: list[dict[str, Any]]) -> dict[str, int]:
    """How often each operation was asked; a fast wrong answer is no answer."""
    children = up.world.children
    states = Counter((row["state"], row["grade"], bool(row["number"])) for row in rows)
    assert states == {("carried", "exact", True): children}, states
    pupils = await _held(up.systems["student_status"], "records")
    carried = [p for p in pupils if p["学校标识码"] == up.world.school]
    assert len({p["学籍号"] for p in carried}) == len(carried) == children
    advanced = Counter(r["学籍状态"] for r in await _held(up.systems["preschool"], "records"))
    assert advanced == {"升学": children}, advanced
    asked = {name: await _held(url, "requests") for name, url in up.systems.items()}
    calls = Counter(f"{name}.{call['operation']}" for name in asked for call in asked[name])
    assert calls["student_status.create"] == calls["preschool.advance"] == children, calls
    verified = [row["GMSFHM"] for call in asked["population"] for row in call["question"]["rows"]]
    assert len(set(verified)) == len(verified) == children, len(verified)
    return dict(sorted(calls.items()))


async def _held(url: str, what: str) -> list[dict[str, Any]]:
    async with open_client(url, seconds=120.0) as client:
        response = await client.get(f"/_simulator/{what}")
        held: list[dict[str, Any]] = response.json()
        return held
