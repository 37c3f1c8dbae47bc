"""Subscribers to whom a worker pushes their streams in batches, beside it on one machine.

    python -m benchmarks.push [--changes 100000] [--subscribers 31] [--batch 100] [--hung 4]

The worker and the receivers are a process each, over sockets, on a new SQLite store; the changes
are numbered when it begins. Every delivery is signed by HMAC and Ed25519; the receivers verify the
HMAC and every number. `--hung` of them never answer, and do not count. Exit code 0: every goal
met; 1: one missed.
"""

import argparse
import asyncio
import json
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.floor import sampled_floor
from benchmarks.machine import describe_machine
from benchmarks.processes import jisui
from benchmarks.pull import PROVINCE, RESULTS, happen
from contracts.events import Stage
from gateway.evidence import Actor
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.granting import Granting
from gateway.feed.subscribing.terms import Mode, Terms
from gateway.feed.subscribing.wanted import Wanted
from gateway.migrations import migrate
from gateway.settings import load_settings
from gateway.wiring.ground import Ground, open_ground

GOAL_EVENTS_A_SECOND, GOAL_MIB = 5_000.0, 300.0


async def prepare(configuration: Path, ports: list[int], wanted: argparse.Namespace) -> list[str]:
    """A store with a subscription a port and published changes; each port's secret."""
    async with open_ground(load_settings(configuration)) as ground:
        await migrate(ground.database)
        made = [await granted(ground, port, wanted.batch) for port in ports]
        await happen(ground, wanted.changes)
    return made


async def granted(ground: Ground, port: int, batch: int) -> str:
    """The secret of a subscription to everything, pushed to a port of loopback."""
    granting = Granting(
        ground.sealer,
        ground.clock,
        ground.identifiers,
        ground.log,
        load_field_policies(),
        secrets.token_bytes,
    )
    terms = Terms(("99",), tuple(stage.value for stage in Stage), (), "thin", "")
    url, networks = f"http://127.0.0.1:{port}/changes", ("127.0.0.0/8",)
    wanted = Wanted(f"port {port}", PROVINCE, terms, Mode.PUSH, batch, url, networks)
    async with ground.database.transaction() as connection:
        _, made = await granting.grant(connection, wanted, Actor("bench", "", "operator", ""))
    return made.hmac[0]


def measure(wanted: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """What was delivered, how fast, and what it cost on both sides."""
    log, configuration = folder / "processes.log", folder / "jisui.toml"
    (folder / "licence").write_text("nobody is asked", "ascii")
    configuration.write_text(
        f'database_url = "sqlite+aiosqlite:///{folder}/jisui.db"\nkeys_folder = "{folder}/keys"\n'
        f'log_level = "ERROR"\ncollect_seconds = 3600.0\n'
        f'systems.population.licence_file = "{folder}/licence"\n',
        "utf-8",
    )
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.push_receiver"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as receivers:
        say(receivers, vars(wanted))
        keys = asyncio.run(prepare(configuration, hear(receivers), wanted))
        say(receivers, keys)
        hear(receivers)
        with jisui(["work"], log, configuration) as worker, sampled_floor() as floor:
            before = worker.cpu_seconds()
            got = hear(receivers)
            used, peak = worker.cpu_seconds() - before, worker.peak_mib()
    assert got["events"] == wanted.changes * (wanted.subscribers - wanted.hung) == got["changes"]
    return {
        **vars(wanted),
        "deliveries_a_second": round(got["events"] / got["seconds"]),
        "worker_us_an_event": round(1e6 * used / got["events"], 1),
        "receivers_us_an_event": round(1e6 * got["cpu_seconds"] / got["events"], 1),
        "worker_peak_mib": round(peak, 1),
        "receivers_peak_mib": round(got["peak_mib"], 1),
        "floor_ms": round(floor.median, 3),
        "floor_spread": round(floor.spread, 3),
    }


def say(process: "subprocess.Popen[str]", said: Any) -> None:
    """Tell a process one line."""
    assert process.stdin is not None  # it was asked for
    process.stdin.write(json.dumps(said) + "\n")
    process.stdin.flush()


def hear(process: "subprocess.Popen[str]") -> Any:
    """A process's next line."""
    assert process.stdout is not None  # it was asked for
    return json.loads(process.stdout.readline())


def main() -> int:
    """Measure, keep the figures, and tell them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.push", description=__doc__)
    parser.add_argument("--changes", type=int, default=4_000)
    parser.add_argument("--subscribers", type=int, default=31)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--hung", type=int, default=0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jisui-bench-") as name:
        found = measure(wanted, Path(name))
    kept = {"machine": describe_machine(), "push": found}
    file = RESULTS / f"push-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))
    fast = found["deliveries_a_second"] >= GOAL_EVENTS_A_SECOND
    small = max(found["worker_peak_mib"], found["receivers_peak_mib"]) <= GOAL_MIB
    return 0 if fast and small else 1


if __name__ == "__main__":
    sys.exit(main())
