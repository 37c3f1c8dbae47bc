"""What evidence costs: an entry inside its transaction, and the wait for a witness.

    python -m benchmarks.evidence [--groups 200] [--waits 200]

Entries are written a hundred at a time on each engine, about nobody and about one child each,
beside the plain insert of the same bytes and the plain hash over them in the same run. The witness
is a process of its own on loopback: what it adds is the time from an entry's commit to a checkpoint
over it that both signed. Exit code 0: every goal met; 1: one missed.
"""

import argparse
import asyncio
import hashlib
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.floor import sampled_floor
from benchmarks.machine import describe_machine
from benchmarks.processes import jisui
from gateway.clock import SystemClock
from gateway.database import Database, open_database
from gateway.evidence import Action, Actor, Entry, Log, Subject
from gateway.evidence.note_keys import key_text
from gateway.evidence.tables import entries
from gateway.identifiers import Identifiers
from gateway.migrations import migrate
from gateway.sealing import Sealer, store_keys
from gateway.settings import load_settings
from gateway.wiring.evidence import signatory, wire_witnessing
from gateway.wiring.ground import open_ground
from tests.engines.databases import create_database, for_sqlalchemy, named
from tests.engines.postgres import postgres_sources, start_postgres

RESULTS = Path(__file__).parent / "results"
GROUP = 100
GOAL_ROW_MS, GOAL_WITNESS_MS = 0.15, 15.0
DETAIL = {"name": "赵一鸣", "number": "G999999201801010014", "verdict": "一致"}


def made_entry(*subjects: Subject) -> Entry:
    """An entry as calls write them."""
    return Entry(
        action=Action.REGISTER_ANSWERED,
        outcome="answered",
        actor=Actor("jisui", "", "", ""),
        purpose="enrolment",
        basis="",
        case="case-1",
        object_ref=secrets.token_hex(16),
        request_id=secrets.token_hex(16),
        subjects=subjects,
        content={"system": "population", "operation": "check"},
    )


async def new_subject(database: Database) -> Subject:
    """A child with a key of its own."""
    sealer = Sealer(bytes(32), bytes(32))
    wrapped, key = sealer.new_key()
    row = {"key_id": secrets.token_hex(16), "wrapped": wrapped, "created_at": SystemClock().now()}
    async with database.transaction() as connection:
        await store_keys(connection, [row])
    return Subject(secrets.token_hex(16), str(row["key_id"]), key, DETAIL, 1)


async def timed(
    database: Database, groups: int, write: Callable[[AsyncConnection], Awaitable[object]]
) -> float:
    """The usual milliseconds a row of writing a group in its transaction, without the commit."""
    taken = []
    for _ in range(groups):
        async with database.transaction() as connection:
            await connection.exec_driver_sql("SELECT 1")
            began = time.perf_counter()
            await write(connection)
            taken.append(time.perf_counter() - began)
    return round(1000 * median(taken) / GROUP, 4)


async def measure_rows(url: str, groups: int) -> dict[str, float]:
    """What a row costs on one engine, beside its floors."""
    database = open_database(url)
    await migrate(database)
    identifiers = Identifiers(SystemClock(), secrets.token_bytes)
    log, subject = Log("bench", SystemClock(), identifiers), await new_subject(database)
    content = b"x" * 420  # what an entry's bytes come to

    def plain_rows() -> list[dict[str, object]]:
        return [{"entry_id": identifiers(), "canonical": content} for _ in range(GROUP)]

    async def plain(connection: AsyncConnection) -> None:
        await connection.execute(entries.insert(), plain_rows())

    async def about_nobody(connection: AsyncConnection) -> None:
        await log.append(connection, [made_entry() for _ in range(GROUP)])

    async def about_children(connection: AsyncConnection) -> None:
        await log.append(connection, [made_entry(subject) for _ in range(GROUP)])

    try:
        return {
            "plain_insert_ms": await timed(database, groups, plain),
            "entry_ms": await timed(database, groups, about_nobody),
            "entry_about_a_child_ms": await timed(database, groups, about_children),
        }
    finally:
        await database.close()


def plain_hash_ms() -> float:
    """The milliseconds of hashing what one entry's bytes come to."""
    content, began = b"x" * 420, time.perf_counter()
    for _ in range(10_000):
        hashlib.sha256(content).digest()
    return round((time.perf_counter() - began) / 10, 5)


async def measure_witness(configuration: Path, waits: int, at_once: int) -> dict[str, float]:
    """The milliseconds from an entry's commit to its witnessed checkpoint."""
    async with open_ground(load_settings(configuration)) as ground:
        await migrate(ground.database)
        witnessing = wire_witnessing(ground)
        assert witnessing is not None  # the configuration names a witness
        taken: list[float] = []

        async def act() -> None:
            while len(taken) < waits:
                async with ground.database.transaction() as connection:
                    await ground.log.append(connection, [made_entry()])
                began = time.perf_counter()
                await witnessing.covered()
                taken.append(1000 * (time.perf_counter() - began))

        await asyncio.gather(*(act() for _ in range(at_once)))
    cuts = quantiles(taken, n=100)
    return {"p50_ms": round(cuts[49], 2), "p99_ms": round(cuts[98], 2)}


@contextmanager
def witnessed(folder: Path) -> Iterator[Path]:
    """A configuration whose log a process on loopback witnesses."""
    url = f"sqlite+aiosqlite:///{folder}/jisui.db"
    alone = load_settings(database_url=url, keys_folder=folder / "keys")
    (folder / "keys").mkdir()
    log = key_text(signatory(alone).public())
    arguments = ["witness", "--folder", str(folder / "witness"), "--name", "bench"]
    with jisui([*arguments, "--log-key", log, "--port", "0"], folder / "log") as witness:
        configuration = folder / "jisui.toml"
        configuration.write_text(
            f'database_url = "{url}"\nkeys_folder = "{folder}/keys"\nlog_level = "ERROR"\n'
            f'[evidence]\nwitness_url = "{witness.said["url"]}"\n'
            f'witness_key = "{witness.said["key"]}"\n',
            "utf-8",
        )
        yield configuration


def measure(wanted: argparse.Namespace) -> dict[str, Any]:
    """Everything, on a store of its own each."""
    measured: dict[str, Any] = {"plain_hash_ms": plain_hash_ms()}
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite+aiosqlite:///{place}/rows.db"
        measured["sqlite"] = asyncio.run(measure_rows(url, wanted.groups))
    server = start_postgres(list(postgres_sources()))
    try:
        create_database(server.dsn, "bench", "template0")
        url = for_sqlalchemy(named(server.dsn, "bench"))
        measured["postgresql"] = asyncio.run(measure_rows(url, wanted.groups))
    finally:
        server.stop()
    for at_once in (1, 32):
        with tempfile.TemporaryDirectory() as place, witnessed(Path(place)) as configuration:
            found = asyncio.run(measure_witness(configuration, wanted.waits, at_once))
            measured[f"witness_{at_once}_at_once"] = found
    return measured


def judge(measured: dict[str, Any]) -> dict[str, bool]:
    """Each goal by name, and whether it is met."""
    rows = {
        f"{engine} {kind} <= {GOAL_ROW_MS} ms": measured[engine][kind] <= GOAL_ROW_MS
        for engine in ("sqlite", "postgresql")
        for kind in ("entry_ms", "entry_about_a_child_ms")
    }
    alone = measured["witness_1_at_once"]["p50_ms"] <= GOAL_WITNESS_MS
    return rows | {f"witness p50 <= {GOAL_WITNESS_MS} ms": alone}


def main() -> int:
    """Measure, keep the figures, and tell them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evidence", description=__doc__)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--waits", type=int, default=200)
    machine = describe_machine()
    with sampled_floor() as floor:
        measured = measure(parser.parse_args())
    goals = judge(measured)
    told = {"floor_ms": round(floor.median, 3), "floor_spread": round(floor.spread, 3)}
    kept = {"machine": machine, **told, **measured, "goals": goals}
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"evidence-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
    print(json.dumps(kept, ensure_ascii=False, indent=1))
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
