"""Subscribers who pull their streams in pages of a thousand, beside the gateway on one machine.

    python -m benchmarks.pull [--changes 100000] [--subscribers 31]

The gateway and the receivers are a process each, over sockets, on a new SQLite store. Every page is
signed, every signature, digest and number checked by the client that is shipped. Exit code 0: every
goal met; 1: one missed.
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
from contracts.events import Event, Stage
from gateway.access.vocabulary import Role
from gateway.demo.stage import demo_token
from gateway.evidence import Actor
from gateway.feed.recording import Place, Recorder, StatusChange
from gateway.feed.subscribing.field_policies import load_field_policies
from gateway.feed.subscribing.granting import Granting
from gateway.feed.subscribing.terms import Terms
from gateway.feed.subscribing.wanted import Wanted
from gateway.migrations import migrate
from gateway.sealing import DataKey, KeyRow, store_keys
from gateway.settings import load_settings
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.publishing import wire_publisher

RESULTS = Path(__file__).parent / "results"
PROVINCE, CHILDREN, AT_ONCE = "990000", 1000, 500
GOAL_EVENTS_A_SECOND, GOAL_MIB = 20_000.0, 300.0
_HERE = Place(school="9999990100", area="990106")
Child = tuple[str, str, DataKey]


async def prepare(configuration: Path, changes: int, subscribers: int) -> dict[str, Any]:
    """A store with subscriptions and published changes; what the receivers need to know."""
    async with open_ground(load_settings(configuration)) as ground:
        await migrate(ground.database)
        keys = {}
        for place in range(subscribers):
            name, key = await _granted(ground, place)
            keys[name] = key
        await happen(ground, changes)
        token = await demo_token(ground, Role.PROVINCE, PROVINCE, PROVINCE)
    return {"token": token, "subscriptions": keys}


async def _granted(ground: Ground, place: int) -> tuple[str, str]:
    granting = Granting(
        ground.sealer,
        ground.clock,
        ground.identifiers,
        ground.log,
        load_field_policies(),
        secrets.token_bytes,
    )
    terms = Terms(("99",), tuple(stage.value for stage in Stage), (), "thin", "")
    wanted = Wanted(f"subscriber {place}", PROVINCE, terms)
    async with ground.database.transaction() as connection:
        granted, made = await granting.grant(connection, wanted, Actor("bench", "", "operator", ""))
    return granted.subscription_id, made.hmac[0]


async def happen(ground: Ground, count: int) -> None:
    """So many changes of a thousand children, published."""
    children = await new_children(ground)
    recorder = Recorder(ground.clock, ground.identifiers)
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        changes = [change(children[number % CHILDREN], number) for number in numbers]
        async with ground.database.transaction() as connection:
            await recorder.record(connection, changes)
    publisher = wire_publisher(ground)
    while await publisher.step():
        pass


async def new_children(ground: Ground) -> list[Child]:
    """Children nobody has heard of, each with a key of its own."""
    made, rows = [], []
    for _ in range(CHILDREN):
        wrapped, key = ground.sealer.new_key()
        person, key_id = ground.identifiers(), ground.identifiers()
        rows.append(KeyRow(key_id=key_id, wrapped=wrapped, created_at=ground.clock.now()))
        made.append((person, key_id, key))
    async with ground.database.transaction() as connection:
        await store_keys(connection, rows)
    return made


def change(child: Child, number: int) -> StatusChange:
    """A change of a child, another with each round of them."""
    event = (Event.SUSPENDED, Event.RESUMED)[number // CHILDREN % 2]
    at, source = datetime.now(UTC), "student_status"
    return StatusChange(*child, event, Stage.PRIMARY, at, source, "11", _HERE, _HERE)


def measure(wanted: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """What was pulled, how fast, and what it cost on both sides."""
    log, configuration = folder / "processes.log", folder / "jisui.toml"
    (folder / "licence").write_text("nobody is asked", "ascii")
    configuration.write_text(
        f'database_url = "sqlite+aiosqlite:///{folder}/jisui.db"\nkeys_folder = "{folder}/keys"\n'
        f'log_level = "WARNING"\nlisten.port = 0\n'
        f'systems.population.licence_file = "{folder}/licence"\n',
        "utf-8",
    )
    told = asyncio.run(prepare(configuration, wanted.changes, wanted.subscribers))
    with jisui(["serve"], log, configuration) as gateway, sampled_floor() as floor:
        before = gateway.cpu_seconds()
        receiving = subprocess.run(
            [sys.executable, "-m", "benchmarks.pull_receiver"],
            input=json.dumps(told | {"url": gateway.said["url"]}),
            capture_output=True,
            text=True,
            check=True,
        )
        pulled = json.loads(receiving.stdout)
        assert pulled["events"] == wanted.changes * wanted.subscribers, pulled
        return {
            "changes": wanted.changes,
            "subscribers": wanted.subscribers,
            "events_a_second": round(pulled["events"] / pulled["seconds"]),
            "gateway_us_an_event": _each(gateway.cpu_seconds() - before, pulled),
            "receivers_us_an_event": _each(pulled["cpu_seconds"], pulled),
            "gateway_peak_mib": round(gateway.peak_mib(), 1),
            "receivers_peak_mib": round(pulled["peak_mib"], 1),
            "floor_ms": round(floor.median, 3),
            "floor_spread": round(floor.spread, 3),
        }


def _each(cpu_seconds: float, pulled: dict[str, float]) -> float:
    return round(1e6 * cpu_seconds / pulled["events"], 1)


def main() -> int:
    """Measure, keep the figures, and tell them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pull", description=__doc__)
    parser.add_argument("--changes", type=int, default=4_000)
    parser.add_argument("--subscribers", type=int, default=31)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jisui-bench-") as name:
        found = measure(wanted, Path(name))
    kept = {"machine": describe_machine(), "pull": found}
    file = RESULTS / f"pull-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(json.dumps(found, indent=1))
    fast = found["events_a_second"] >= GOAL_EVENTS_A_SECOND
    small = max(found["gateway_peak_mib"], found["receivers_peak_mib"]) <= GOAL_MIB
    return 0 if fast and small else 1


if __name__ == "__main__":
    sys.exit(main())
