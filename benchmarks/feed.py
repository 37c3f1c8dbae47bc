"""How soon a change arrives at subscribers who are idle, and how near a bare loop the lanes come.

    python -m benchmarks.feed [--changes 100000] [--subscribers 31] [--rounds 100]

The delivering lanes of a worker run here, on a new SQLite store; the receivers are one process with
a port for each subscriber, which verifies every signature. First a bare loop of aiohttp posts as
many signed batches as the lanes will, to the same receivers, and keeps nothing; then the lanes
deliver. Then single changes are committed, each when all who answer have the one before, and again
while some subscribers never answer. Exit code 0: every goal met; 1: one missed.
"""

import argparse
import asyncio
import base64
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp
import uvloop

from benchmarks.feed_receiver import BARE
from benchmarks.floor import sampled_floor
from benchmarks.machine import describe_machine
from benchmarks.pull import CHILDREN, RESULTS, Child, change, happen, new_children
from benchmarks.push import granted
from contracts.events import load_vocabulary
from gateway.feed.pushing.signing import signed_headers, signers
from gateway.feed.reading import Streams
from gateway.feed.recording import Recorder
from gateway.feed.subscribing.secrets import Secrets
from gateway.feed.subscribing.subscription import load_subscriptions
from gateway.memory import settle_memory
from gateway.migrations import migrate
from gateway.settings import load_settings
from gateway.shared.wakeups import WORK
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.publishing import wire_publisher
from gateway.wiring.pushing import open_pushing
from gateway.worker import Worker

BATCH, HUNG, PAUSE = 100, 4, 0.1
READY = 10_000  # different events the bare loop posts: more than fit a processor's memory
GOALS = {
    "of_the_bare_loop": (">=", 0.6),
    "idle_p99_ms": ("<=", 250.0),
    "p99_with_hung_to_without": ("<=", 1.2),
}


@dataclass(frozen=True)
class Receivers:
    """The receivers' process: its ports, and a word with it."""

    process: subprocess.Popen[str]
    ports: Sequence[int]

    def ask(self, **line: Any) -> dict[str, Any]:
        """What it answers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    async def have(self, count: int) -> float:
        """When so many events had come, on the clock that measures."""
        await asyncio.to_thread(self.ask, until=count)
        return time.perf_counter()


@contextmanager
def receivers(count: int) -> Iterator[Receivers]:
    """The receivers, ready; ended with the block."""
    command = [sys.executable, "-m", "benchmarks.feed_receiver", str(count)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield Receivers(child, json.loads(child.stdout.readline()))
    finally:
        child.kill()
        child.wait()


@asynccontextmanager
async def working(ground: Ground) -> AsyncIterator[None]:
    """A worker's delivering lanes at work until the block is left."""
    stop = asyncio.Event()
    async with open_pushing(ground) as lanes:
        worker = Worker(ground.database, ground.clock, lanes, ground.wakeups)
        task = asyncio.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def measure(wanted: argparse.Namespace, folder: Path, there: Receivers) -> dict[str, Any]:
    """Pace, the bare loop beside it, and how long a commit takes to arrive."""
    settings = load_settings(configure(folder, there.ports))
    async with open_ground(settings) as ground:
        await migrate(ground.database)
        keys = [await granted(ground, port, BATCH) for port in there.ports]
        there.ask(keys=keys)
        await happen(ground, wanted.changes)
        settle_memory()  # as a worker does when it has started
        bare = await bare_loop(ground, keys, there, wanted.changes)
        paced = await pace(ground, there, wanted.changes * len(keys))
        async with working(ground):
            late = Lateness(ground, there, (await new_children(ground))[0], wanted.changes)
            idle = await late.rounds(wanted.rounds, len(keys))
            there.ask(hang=HUNG)
            hung = await late.rounds(wanted.rounds, len(keys) - HUNG)
            came = there.ask(tell=True)
        require_whole(came["came"], late.head, late.head - wanted.rounds)
    return {
        "changes": wanted.changes,
        "subscribers": len(keys),
        **paced,
        "bare_events_a_second": round(bare),
        "of_the_bare_loop": round(paced["events_a_second"] / bare, 2),
        "idle_p99_ms": round(idle, 1),
        "hung_p99_ms": round(hung, 1),
        "p99_with_hung_to_without": round(hung / idle, 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "receivers_peak_mib": round(came["peak_mib"], 1),
    }


def configure(folder: Path, ports: Sequence[int]) -> Path:
    """Settings that let deliveries go to these ports."""
    file = folder / "jisui.toml"
    (folder / "licence").write_text("nobody is asked", "ascii")
    file.write_text(
        f'database_url = "sqlite+aiosqlite:///{folder}/jisui.db"\nkeys_folder = "{folder}/keys"\n'
        f'log_level = "ERROR"\npush.ports = {list(ports)}\n'
        f'systems.population.licence_file = "{folder}/licence"\n',
        "utf-8",
    )
    return file


async def bare_loop(ground: Ground, keys: Sequence[str], there: Receivers, changes: int) -> float:
    """Events a second where batches that lie ready are signed, posted and forgotten."""
    bodies = await lying_ready(ground, min(changes, READY))

    async def post_all(client: aiohttp.ClientSession, port: int, key: str) -> None:
        secrets = Secrets((key,), base64.b64encode(bytes(32)).decode())
        signing = signers(secrets)
        for number in range(changes // BATCH):
            body = bodies[number % len(bodies)]
            headers = signed_headers(signing, f"bare-{number}", datetime.now(UTC), body)
            url = f"http://127.0.0.1:{port}{BARE}"
            async with client.post(url, data=body, headers=headers) as answer:
                assert answer.status == 204, answer.status

    async with aiohttp.ClientSession() as client:
        began = time.perf_counter()
        pairs = zip(there.ports, keys, strict=True)
        await asyncio.gather(*(post_all(client, port, key) for port, key in pairs))
        seconds = time.perf_counter() - began
    assert there.ask()["bare"] == changes // BATCH * BATCH * len(keys)
    return float(there.ask()["bare"] / seconds)


async def lying_ready(ground: Ground, count: int) -> list[bytes]:
    """So many events of one stream in batches, as they are delivered."""
    streams = Streams(ground.sealer, load_vocabulary())
    async with ground.database.reading() as connection:
        (one, *_) = await load_subscriptions(connection)
        return [
            (await streams.page(connection, one.subscription_id, after, BATCH)).body
            for after in range(0, count, BATCH)
        ]


async def pace(ground: Ground, there: Receivers, count: int) -> dict[str, Any]:
    """How fast everything that waits is delivered, and what it costs on both sides."""
    before, ours = there.ask()["cpu_seconds"], time.process_time()
    began = time.perf_counter()
    async with working(ground):
        seconds = await there.have(count) - began
    theirs = there.ask()["cpu_seconds"] - before
    return {
        "events_a_second": round(count / seconds),
        "us_an_event": round(1e6 * (time.process_time() - ours) / count, 1),
        "receivers_us_an_event": round(1e6 * theirs / count, 1),
    }


class Lateness:
    """Single changes, each timed from its commit to every subscriber, who are idle before it."""

    def __init__(self, ground: Ground, there: Receivers, child: Child, head: int) -> None:
        self._ground = ground
        self._there = there
        self._child = child
        self._publisher = wire_publisher(ground)
        self.head = head

    async def rounds(self, count: int, answering: int) -> float:
        """The 99th percentile, in milliseconds, of so many changes to those who answer."""
        committed, had = {}, self._there.ask()["count"]
        for _ in range(count):
            committed[self.head + 1] = await self._commit()
            self.head += 1
            had += answering
            await self._there.have(had)
            await asyncio.sleep(PAUSE)
        came = self._there.ask(tell=True)["came"]
        waits = [at - committed[n] for one in came[HUNG:] for n, at in one if n in committed]
        assert len(waits) == count * (len(came) - HUNG), "not everything came in time"
        return float(1000 * quantiles(waits, n=100)[98])

    async def _commit(self) -> float:
        """Commit one change, and publish it as whoever commits one does; when it was committed."""
        recorder = Recorder(self._ground.clock, self._ground.identifiers)
        async with self._ground.database.transaction() as connection:
            await recorder.record(connection, [change(self._child, self.head * CHILDREN)])
        at = time.time()
        await self._publisher.step()
        await self._ground.wakeups.publish(WORK)
        return at


def require_whole(came: Sequence[Sequence[Sequence[float]]], head: int, before_hung: int) -> None:
    """Raise where a healthy subscriber has not each number once, or a hung one lost any before."""
    for place, one in enumerate(came):
        numbers = sorted(number for number, _ in one)
        expected = before_hung if place < HUNG else head
        assert numbers == list(range(1, expected + 1)), f"subscriber {place}: {len(numbers)}"


def main() -> int:
    """Measure, keep the figures, and tell them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feed", description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--subscribers", type=int, default=31)
    parser.add_argument("--rounds", type=int, default=50)
    wanted = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="jisui-bench-") as name,
        receivers(wanted.subscribers) as there,
        sampled_floor() as floor,
    ):
        found = uvloop.run(measure(wanted, Path(name), there))
    found |= {"floor_ms": round(floor.median, 3), "floor_spread": round(floor.spread, 3)}
    missed = [name for name, goal in GOALS.items() if not _met(found[name], *goal)]
    kept = {"machine": describe_machine(), "feed": found, "missed": missed}
    file = RESULTS / f"feed-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(json.dumps(found | {"missed": missed}, indent=1))
    return 1 if missed else 0


def _met(figure: float, relation: str, goal: float) -> bool:
    return figure >= goal if relation == ">=" else figure <= goal


if __name__ == "__main__":
    sys.exit(main())
