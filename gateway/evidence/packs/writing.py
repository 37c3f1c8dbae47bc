"""Writes an evidence pack: entries, the hashes around them, what was signed, and the verifier.

`pack.json` says what the pack holds; `entries.jsonl` has an entry a line, after its number;
`leaves.bin` their leaf hashes and `proof.bin` the roots of the subtrees between them, 32 bytes
each, from left to right; `checkpoint` is the signed note and `keys.txt` its public keys, one a
line. Leaves and fillers together make the root that was signed.
"""

import base64
import json
import zipfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import IO

from gateway.evidence.checkpoints import hashing_of, parse_checkpoint
from gateway.evidence.note_keys import VerifierKey, key_text
from gateway.evidence.notes import parse_note
from gateway.evidence.packs.covering import fillers, leaves
from gateway.evidence.packs.page import page_text
from gateway.evidence.packs.verify import FORMAT
from gateway.evidence.proofs import Range
from gateway.evidence.tiles import TiledTree

ENTRIES = "entries.jsonl"
PAGE = "说明.html"
_VERSION = b"\x01"
# A harder squeeze would save a tenth and take three times as long.
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Signed:
    """What vouches for a pack: the signed note, and the public keys of those who signed it."""

    note: bytes
    keys: Sequence[VerifierKey]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which entries a pack holds, and how they were chosen; `through_end`: all up to the last."""

    kind: str  # range, case or child; whose is not said
    ranges: Sequence[Range]
    through_end: bool = False

    @property
    def count(self) -> int:
        """How many entries these are."""
        return sum(end - first for first, end in self.ranges)


def open_pack(file: IO[bytes]) -> zipfile.ZipFile:
    """A pack to be written; close it to have it whole."""
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)


def write_frame(
    pack: zipfile.ZipFile, choice: Choice, signed: Signed, tree: TiledTree, made_at: datetime
) -> None:
    """Write everything but the entries themselves; raise `DamagedTiles` or `InvalidNote`."""
    checkpoint = parse_checkpoint(parse_note(signed.note).text)
    facts = {
        "format": FORMAT,
        "log": checkpoint.origin,
        "algorithm": hashing_of(checkpoint).algorithm.value,
        "chosen_by": choice.kind,
        "ranges": [[first + 1, end] for first, end in choice.ranges],
        "through_end": choice.through_end,
        "made_at": int(made_at.timestamp()),
    }
    pack.writestr("pack.json", json.dumps(facts))
    pack.writestr("checkpoint", signed.note)
    pack.writestr("keys.txt", "".join(f"{key_text(key)}\n" for key in signed.keys))
    pack.writestr("leaves.bin", leaves(tree, choice.ranges))
    pack.writestr("proof.bin", fillers(tree, choice.ranges))
    pack.writestr("verify.py", files(__package__).joinpath("verify.py").read_bytes())
    pack.writestr(PAGE, page_text(checkpoint, choice.kind, choice.count, made_at))


def open_entries(pack: zipfile.ZipFile) -> AbstractContextManager[IO[bytes]]:
    """The file of the entries, to be filled with `entry_line`s in the order of their positions."""
    return pack.open(ENTRIES, "w", force_zip64=True)


def entry_line(position: int, canonical: bytes) -> bytes:
    """An entry as it lies in the pack; what is no version byte and JSON, as base64."""
    written = canonical.removeprefix(_VERSION)
    plain = canonical[:2] == _VERSION + b"{" and b"\n" not in canonical
    return b"%d %s\n" % (position, written if plain else base64.b64encode(canonical))
