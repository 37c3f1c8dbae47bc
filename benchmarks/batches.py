"""A batch of claims verified through NCIIC, five rows a call, beside scripts that keep nothing.

    python -m benchmarks.batches [--rows 100000] [--latency-ms 0] [--at-once 16] [--script-rows N]

The gateway, its worker and the simulated register are processes of their own, on a new SQLite store
with full sync; entries, sealed details and answers are in it. Every answer is held against the
world at the end. Exit code 0: every goal met; 1: one missed; 2: the machine was too uneven to tell.
"""

import argparse
import asyncio
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.transport import open_client
from benchmarks.floor import Floor, sampled_floor
from benchmarks.machine import describe_machine
from benchmarks.processes import Running, jisui
from contracts.citizen_number import check_character
from gateway.access.vocabulary import Role
from gateway.demo.stage import ASKED, Stage, demo_token
from gateway.migrations import migrate
from gateway.settings import load_settings
from gateway.wiring.ground import open_ground

SCHOOL, AREA = "9999990100", "999999"
RESULTS = Path(__file__).parent / "results"
PATIENCE_SECONDS = 3600.0
POLL_SECONDS = 1.0
TOO_UNEVEN = 0.25
GOAL_ROWS_A_SECOND, GOAL_OF_ZEEP, GOAL_MIB = 1500.0, 0.45, 300.0


@dataclass(frozen=True, slots=True)
class Script:
    """What a script took on its share of the sheet."""

    rows: int
    matched: int
    seconds: float
    cpu_seconds: float

    @property
    def rows_a_second(self) -> float:
        """Its pace."""
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True)
class Batch:
    """What the batch took, from its first byte to its last answer."""

    rows: int
    accepted_seconds: float
    seconds: float
    gateway_cpu_seconds: float
    worker_cpu_seconds: float
    simulator_cpu_seconds: float
    gateway_peak_mib: float
    worker_peak_mib: float
    floor_ms: float
    floor_spread: float
    outcomes: dict[str, int]

    @property
    def rows_a_second(self) -> float:
        """Once it was accepted."""
        return self.rows / (self.seconds - self.accepted_seconds)


def invent(folder: Path, rows: int) -> Path:
    """A world whose register knows nine residents in ten, and the sheet of all of them."""
    folder.mkdir()
    sheet = folder / "sheet.csv"
    with (
        (folder / "population.csv").open("w", encoding="utf-8", newline="") as register,
        sheet.open("w", encoding="utf-8", newline="") as listed,
    ):
        people, rows_of = csv.writer(register), csv.writer(listed)
        people.writerow(["GMSFHM", "XM", "XBDM", "CSRQ", "MZDM", "SWBS"])
        rows_of.writerow(["序号", "姓名", "身份证件号"])
        for serial in range(rows):
            day, order = divmod(serial, 1000)
            born_on = f"{date(2017, 9, 1) + timedelta(days=day):%Y%m%d}"
            digits = f"999999{born_on}{order:03}"
            number, name = digits + check_character(digits), f"虚构{serial}"
            rows_of.writerow([serial + 1, name, number])
            if serial % 10:
                people.writerow([number, name, "1", born_on, "01", "0"])
    return sheet


def run_script(how: str, url: str, sheet: Path, rows: int, at_once: int) -> Script:
    """A script's run, in a process of its own."""
    arguments = [how, url, str(sheet), str(rows), str(at_once)]
    script = [sys.executable, "-m", "benchmarks.batch_script", *arguments]
    said = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    taken = Script(**json.loads(said))
    assert taken.matched == sum(1 for serial in range(rows) if serial % 10), taken
    return taken


def measure(wanted: argparse.Namespace, folder: Path) -> tuple[Batch, dict[str, Script]]:
    """The batch, and the scripts before it against the same simulator."""
    world, log = folder / "world", folder / "processes.log"
    sheet = invent(world, wanted.rows)
    scripts = {}
    with ExitStack() as up:
        simulating = ["simulate", "--world", str(world), "--latency-ms", str(wanted.latency_ms)]
        simulators = up.enter_context(jisui(simulating, log))
        for how in ("loop", "gather"):
            url = simulators.said["population"]
            scripts[how] = run_script(how, url, sheet, wanted.script_rows, wanted.at_once)
        configuration = _configure(folder, world, simulators, wanted.at_once)
        token = asyncio.run(_token(configuration))
        gateway = up.enter_context(jisui(["serve"], log, configuration))
        worker = up.enter_context(jisui(["work"], log, configuration))
        floor = up.enter_context(sampled_floor())
        parts = (gateway, worker, simulators)
        batch = asyncio.run(_run(parts, token, sheet.read_bytes(), wanted.rows, floor))
    return batch, scripts


def _configure(folder: Path, world: Path, simulators: Running, at_once: int) -> Path:
    (folder / "store").mkdir()
    stage = Stage(folder / "store", world, SCHOOL, automatic_acceptance=False, replaced={})
    configuration = stage.configure({name: simulators.said[name] for name in ASKED}, port=0)
    with configuration.open("a", encoding="utf-8") as file:
        file.write(f"systems.population.at_once = {at_once}\n")
    return configuration


async def _token(configuration: Path) -> str:
    async with open_ground(load_settings(configuration)) as ground:
        await migrate(ground.database)
        return await demo_token(ground, Role.CLERK, SCHOOL, AREA)


async def _run(
    parts: tuple[Running, ...], token: str, content: bytes, rows: int, floor: Floor
) -> Batch:
    headers = {"Authorization": f"Bearer {token}", "Jisui-Purpose": "enrolment"}
    headers |= {"X-Road-Issue": "BENCH-1", "X-Road-UserId": "bench", "Content-Type": "text/csv"}
    before = [part.cpu_seconds() for part in parts]
    started = time.perf_counter()
    async with open_client(parts[0].said["url"], seconds=600.0) as client:
        address = "/v1/verification-batches"
        answer = await client.post(address, content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        accepted = time.perf_counter()
        view = await _settled(client, f"{address}/{answer.json()['batch_id']}", headers)
    settled = time.perf_counter()
    after = [part.cpu_seconds() for part in parts]
    outcomes = {one["outcome"]: one["count"] for one in view["outcomes"] if one["count"]}
    known = sum(1 for serial in range(rows) if serial % 10)
    assert outcomes == Counter({"MATCH": known, "NOT_ON_FILE": rows - known}), outcomes
    taken = [round(late - early, 2) for late, early in zip(after, before, strict=True)]
    return Batch(
        rows,
        round(accepted - started, 3),
        round(settled - started, 3),
        *taken,
        *(round(part.peak_mib(), 1) for part in parts[:2]),
        round(floor.median, 3),
        round(floor.spread, 3),
        outcomes,
    )


async def _settled(client: Any, address: str, headers: dict[str, str]) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            view: dict[str, Any] = (await client.get(address, headers=headers)).json()
            if view["state"] == "done":
                return view
            await asyncio.sleep(POLL_SECONDS)


def report(batch: Batch, scripts: dict[str, Script]) -> tuple[str, bool]:
    """The figures beside their goals, and whether each goal is met."""
    ratio = batch.rows_a_second / scripts["gather"].rows_a_second
    peak = max(batch.gateway_peak_mib, batch.worker_peak_mib)
    goals = [
        ("rows a second", batch.rows_a_second, GOAL_ROWS_A_SECOND, batch.rows_a_second >= 1500),
        ("of zeep + gather's pace", ratio, GOAL_OF_ZEEP, ratio >= GOAL_OF_ZEEP),
        ("peak MiB of a process", peak, GOAL_MIB, peak <= GOAL_MIB),
    ]
    lines = [f"{n:26} {f:10.2f}  goal {g:8.2f}  {'met' if m else 'MISSED'}" for n, f, g, m in goals]
    ours = 1e6 * (batch.worker_cpu_seconds + batch.gateway_cpu_seconds) / batch.rows
    lines.append(f"{'us of processor a row':26} {ours:10.1f}  (worker and gateway)")
    for name, script in scripts.items():
        theirs = 1e6 * script.cpu_seconds / script.rows
        told = f"{script.rows_a_second:.0f} rows a second, {theirs:.1f} us of processor a row"
        lines.append(f"zeep {name:21} {told}")
    return "\n".join(lines), all(met for *_, met in goals)


def main() -> int:
    """Measure, keep the figures, and tell them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batches", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--script-rows", type=int, default=2_500)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--at-once", type=int, default=16)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jisui-bench-") as name:
        batch, scripts = measure(wanted, Path(name))
    told, met = report(batch, scripts)
    kept = {
        "machine": describe_machine(),
        "latency_ms": wanted.latency_ms,
        "at_once": wanted.at_once,
        "batch": asdict(batch),
        "scripts": {how: asdict(script) for how, script in scripts.items()},
    }
    file = RESULTS / f"batches-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(told)
    if batch.floor_spread > TOO_UNEVEN:
        print(f"Too uneven to report: the floor moved by {batch.floor_spread:.0%}; see {file.name}")
        return 2
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
