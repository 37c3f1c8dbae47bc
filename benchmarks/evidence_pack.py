"""How long an inspector waits: a pack of a whole log, verified offline by the program in it.

    python -m benchmarks.evidence_pack [--entries 1000000]

The entries are as long as the log writes them. The pack lies as one zip file, as it is handed out;
`verify.py` runs alone, as an inspector runs it. Beside it, in the same minutes, the plain hash over
the same bytes, which nobody can do without. Exit code 0: the goal is met; 1: missed.
"""

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.machine import describe_machine
from gateway.evidence import Action, Actor, Entry
from gateway.evidence.checkpoints import Checkpoint, checkpoint_text
from gateway.evidence.entry import canonical_bytes
from gateway.evidence.hashing import SHA256
from gateway.evidence.note_keys import Kind, cosign, key_text, sign, verifier_key
from gateway.evidence.notes import Note, note_bytes
from gateway.evidence.packs.writing import (
    Choice,
    Signed,
    entry_line,
    open_entries,
    open_pack,
    write_frame,
)
from gateway.evidence.tile_writer import TileWriter
from gateway.evidence.tiles import TiledTree

RESULTS = Path(__file__).parent / "results"
GOAL_ENTRIES, GOAL_SECONDS = 1_000_000, 10.0
LOG, WITNESS = "bench.example/log", "witness.example"
NOW = datetime(2026, 9, 3, 2, tzinfo=UTC)
_LAID_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Waited:
    """What verifying took: by the clock, and of a processor."""

    seconds: float
    processor_seconds: float


def made_entries(count: int) -> list[bytes]:
    """Entries as the worker writes them, each about one child."""
    entry = Entry(
        action=Action.HANDOVER_MOVED,
        outcome="held:not_graduated",
        actor=Actor("jisui", "", "", ""),
        purpose="handover",
        basis="",
        case="INTAKE-3990000001",
        object_ref=secrets.token_hex(16),
        request_id=secrets.token_hex(16),
    )
    child = [secrets.token_hex(32)]
    return [
        canonical_bytes(entry, log_id=LOG, entry_id=f"{at:032x}", at=NOW, subjects=child)
        for at in range(count)
    ]


def write_pack(place: Path, entries: Sequence[bytes], folder: Path) -> list[str]:
    """The pack at `place`, and the public keys to verify it with."""
    tiles = TileWriter(folder, SHA256)
    for start in range(0, len(entries), _LAID_AT_ONCE):
        tiles.extend([SHA256.leaf(each) for each in entries[start : start + _LAID_AT_ONCE]])
    tree = TiledTree(folder, len(entries), SHA256)
    ours, theirs = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    text = checkpoint_text(Checkpoint(LOG, len(entries), tree.root()))
    at = int(NOW.timestamp())
    lines = (sign(text, LOG, ours), cosign(text, WITNESS, theirs, at))
    keys = (
        verifier_key(LOG, Kind.ED25519, ours),
        verifier_key(WITNESS, Kind.COSIGNATURE, theirs),
    )
    everything = Choice("range", [(0, len(entries))], through_end=True)
    with place.open("wb") as file, open_pack(file) as pack:
        write_frame(pack, everything, Signed(note_bytes(Note(text, lines)), keys), tree, NOW)
        with open_entries(pack) as written:
            for number, canonical in enumerate(entries, 1):
                written.write(entry_line(number, canonical))
    return [key_text(key) for key in keys]


def verified(place: Path, keys: Sequence[str], program: Path) -> Waited:
    """What the program in the pack takes; raise `CalledProcessError` where it does not pass."""
    pinned = [word for key in keys for word in ("--key", key)]
    command = [sys.executable, "-I", "-S", str(program), str(place), *pinned]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={})
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return Waited(round(seconds, 2), round(user + system, 2))


def plain_hash_seconds(entries: Sequence[bytes]) -> float:
    """The processor seconds of hashing the entries once."""
    began = time.process_time()
    for each in entries:
        SHA256.leaf(each)
    return round(time.process_time() - began, 2)


def measure(count: int) -> dict[str, object]:
    """The figures of one pack."""
    with tempfile.TemporaryDirectory() as place:
        pack, program = Path(place) / "pack.zip", Path(place) / "verify.py"
        entries = made_entries(count)
        keys = write_pack(pack, entries, Path(place) / "tiles")
        floor, length = plain_hash_seconds(entries), len(entries[0])
        del entries
        source = Path(__file__).parents[1] / "gateway/evidence/packs/verify.py"
        program.write_bytes(source.read_bytes())
        waited = verified(pack, keys, program)
        size = round(pack.stat().st_size / 1e6, 1)
    return {
        "entries": count,
        "entry_bytes": length,
        "pack_megabytes": size,
        "plain_hash_processor_seconds": floor,
        "verify_seconds": waited.seconds,
        "verify_processor_seconds": waited.processor_seconds,
    }


def main() -> int:
    """Measure, keep the figures, and tell them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=GOAL_ENTRIES)
    wanted = parser.parse_args()
    figures = {"machine": describe_machine(), **measure(wanted.entries)}
    written = json.dumps(figures, indent=2)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    (RESULTS / f"evidence-pack-{stamp}.json").write_text(written + os.linesep, "utf-8")
    sys.stdout.write(written + "\n")
    allowed = GOAL_SECONDS * wanted.entries / GOAL_ENTRIES
    return 0 if float(str(figures["verify_seconds"])) <= allowed else 1


if __name__ == "__main__":
    sys.exit(main())
