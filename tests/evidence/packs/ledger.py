"""A log in memory, signed and witnessed, and the packs that somebody may make of it."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoints import Checkpoint, checkpoint_text, hash_line
from gateway.evidence.hashing import SHA256, TreeHash
from gateway.evidence.note_keys import Kind, VerifierKey, cosign, key_text, sign, verifier_key
from gateway.evidence.notes import Note, note_bytes
from gateway.evidence.packs.covering import ranges_of
from gateway.evidence.packs.verify import Key, parse_key
from gateway.evidence.packs.writing import (
    Choice,
    Signed,
    entry_line,
    open_entries,
    open_pack,
    write_frame,
)
from tests.evidence.trees import defined_root

LOG, WITNESS = "log.example/jisui", "witness.example"
SIGNED_AT = 1_790_000_000
MADE_AT = datetime.fromtimestamp(SIGNED_AT + 60, UTC)
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PUBLIC: tuple[VerifierKey, ...] = (
    verifier_key(LOG, Kind.ED25519, LOG_KEY),
    verifier_key(WITNESS, Kind.COSIGNATURE, WITNESS_KEY),
)
KEY_TEXTS = [key_text(key) for key in PUBLIC]
PINNED: list[Key] = [parse_key(text) for text in KEY_TEXTS]


@dataclass
class MemoryTree:
    """A tree whose leaf hashes are all at hand."""

    hashes: Sequence[bytes]
    hashing: TreeHash = SHA256
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = len(self.hashes)

    def node(self, level: int, number: int) -> bytes:
        return defined_root(self.hashing, list(self.leaves(number << level, number + 1 << level)))

    def leaves(self, first: int, end: int) -> list[bytes]:
        return list(self.hashes[first:end])

    def root(self) -> bytes:
        return defined_root(self.hashing, list(self.hashes))


def entry(place: int, at: int = SIGNED_AT - 100) -> bytes:
    """The bytes of an entry, much like the log writes them."""
    written = {"action": "record.viewed", "at": at * 1000, "case": f"案-{place}", "subjects": []}
    return b"\x01" + json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()


def tree_of(entries: Sequence[bytes], hashing: TreeHash = SHA256) -> MemoryTree:
    return MemoryTree([hashing.leaf(each) for each in entries], hashing)


def signed_note(tree: MemoryTree, *, witnessed_at: int | None = SIGNED_AT) -> bytes:
    """The checkpoint over a tree, with the witness's signature where it has one."""
    checkpoint = Checkpoint(LOG, tree.size, tree.root(), hash_line(tree.hashing.algorithm))
    text = checkpoint_text(checkpoint)
    lines = [sign(text, LOG, LOG_KEY)]
    if witnessed_at is not None:
        lines.append(cosign(text, WITNESS, WITNESS_KEY, witnessed_at))
    return note_bytes(Note(text, tuple(lines)))


def write_pack(
    place: Path,
    entries: Sequence[tuple[int, bytes]],
    tree: MemoryTree,
    note: bytes,
    positions: Sequence[int] | None = None,
    keys: Sequence[VerifierKey] = PUBLIC,
) -> Path:
    """A pack of these entries, of all the tree has where no positions are named."""
    ranges = ranges_of(positions or range(1, tree.size + 1))
    choice = Choice("case" if positions else "range", ranges, through_end=positions is None)
    written = io.BytesIO()
    with open_pack(written) as pack:
        write_frame(pack, choice, Signed(note, keys), tree, MADE_AT)  # type: ignore[arg-type]
        with open_entries(pack) as file:
            for position, canonical in entries:
                file.write(entry_line(position, canonical))
    place.write_bytes(written.getvalue())
    return place


def write_copy(folder: Path, tree: MemoryTree, note: bytes) -> Path:
    """What the witness hands out: what it signed, and all leaf hashes."""
    folder.mkdir()
    (folder / "checkpoint").write_bytes(note)
    unsigned = bytes(32)  # arrived, and not signed for yet
    (folder / "leaves.bin").write_bytes(b"".join([*tree.hashes, unsigned]))
    return folder


def unpacked(pack: Path, folder: Path) -> Path:
    with zipfile.ZipFile(pack) as opened:
        opened.extractall(folder)
    return folder
