"""The witness's own copy of one log: every leaf hash, and the checkpoint it signed last.

`leaves.bin` holds 32 bytes a leaf and only grows; `checkpoint` takes the place of the one before.
Leaves are on the disk before the checkpoint over them: a crash between leaves some that were never
signed for, and the log has to come back with the same ones.
"""

import os
from collections.abc import Iterator
from operator import eq
from pathlib import Path

from contracts.errors import JisuiError
from gateway.evidence.checkpoints import Checkpoint, hashing_of, parse_checkpoint
from gateway.evidence.hashing import HASH_LENGTH, SHA256
from gateway.evidence.merkle import Tree
from gateway.evidence.note_keys import VerifierKey, verify_signed
from gateway.evidence.notes import Note, Signature, note_bytes, parse_note
from gateway.evidence.witnessing.growth import Growth

CHECKPOINT, LEAVES, REFUSED = "checkpoint", "leaves.bin", "refused"
MOST_REFUSED = 1000  # that are kept; they are many only where somebody means harm
_READ_AT_ONCE = 1 << 20


class AnotherSize(JisuiError):
    """The log has another idea of what was signed last; `size` is ours."""

    def __init__(self, size: int) -> None:
        super().__init__(f"signed up to {size}")
        self.size = size


class NotGrown(JisuiError):
    """The log's own signature is under a tree that did not grow from the one signed last."""


class Book:
    """One log as its witness keeps it."""

    def __init__(self, folder: Path, log: VerifierKey) -> None:
        """Read what is there; raise `NotGrown` where the leaves are not those that were signed."""
        folder.mkdir(parents=True, exist_ok=True)
        self.log = log
        self._folder = folder
        self.signed = self._read_signed()
        self._hashing = hashing_of(self.signed) if self.signed else SHA256
        self._tree = Tree(self._hashing)
        self._unsigned: list[bytes] = []
        self._read_leaves()

    @property
    def size(self) -> int:
        """How many leaves were signed for."""
        return self.signed.size if self.signed else 0

    def grow(self, growth: Growth, cosignature: Signature) -> None:
        """The leaves and the checkpoint, with this signature, are on the disk when this returns.

        Raises `InvalidNote` or `NotSigned` for a stranger's, `AnotherSize`, or `NotGrown`, which
        is remembered.
        """
        verify_signed(growth.note, self.log)
        checkpoint = parse_checkpoint(growth.note.text)
        if growth.old != self.size:
            self._remember_fork(checkpoint, growth.note)
            raise AnotherSize(self.size)
        tree = self._grown(checkpoint, growth)
        if tree is None:
            self._remember(checkpoint, growth.note)
            raise NotGrown("another tree than the one signed before")
        self._append(growth.leaves[len(self._unsigned) :])
        self._replace(Note(growth.note.text, (*growth.note.signatures, cosignature)))
        self._tree, self._hashing = tree, hashing_of(checkpoint)
        self._unsigned = self._unsigned[len(growth.leaves) :]
        self.signed = checkpoint

    def leaves(self) -> Iterator[bytes]:
        """The hashes of every leaf that was signed for, in blocks, and not one beyond."""
        left = self.size * HASH_LENGTH
        with (self._folder / LEAVES).open("rb") as file:
            while left:
                block = file.read(min(left, _READ_AT_ONCE))
                left -= len(block)
                yield block

    def note(self) -> bytes | None:
        """The checkpoint signed last, by both; None where none was."""
        path = self._folder / CHECKPOINT
        return path.read_bytes() if path.exists() else None

    def _grown(self, checkpoint: Checkpoint, growth: Growth) -> Tree | None:
        """The tree with these leaves, where it is the one of the checkpoint and grew from ours."""
        hashing = hashing_of(checkpoint)
        same_hash = self.signed is None or hashing == self._hashing
        begun = all(map(eq, growth.leaves, self._unsigned))
        if checkpoint.origin != self.log.name or not same_hash or not begun:
            return None
        tree = Tree.resumed(self._tree.frontier(), hashing)
        for leaf in growth.leaves:
            tree.append_hash(leaf)
        return tree if (tree.size, tree.root()) == (checkpoint.size, checkpoint.root) else None

    def _append(self, leaves: tuple[bytes, ...]) -> None:
        if not leaves:
            return
        with (self._folder / LEAVES).open("ab") as file:
            file.write(b"".join(leaves))
            file.flush()
            os.fsync(file.fileno())

    def _replace(self, note: Note) -> None:
        draft = self._folder / f"{CHECKPOINT}.draft"
        with draft.open("wb") as file:
            file.write(note_bytes(note))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / CHECKPOINT)

    def _remember_fork(self, checkpoint: Checkpoint, note: Note) -> None:
        """Keep the proof where the log signed two trees of one size."""
        ours = self.signed
        if ours and checkpoint.size == ours.size and checkpoint.root != ours.root:
            self._remember(checkpoint, note)

    def _remember(self, checkpoint: Checkpoint, note: Note) -> None:
        folder = self._folder / REFUSED
        folder.mkdir(exist_ok=True)
        if len(list(folder.iterdir())) < MOST_REFUSED:
            name = f"{checkpoint.size}-{checkpoint.root.hex()[:16]}"
            (folder / name).write_bytes(note_bytes(note))

    def _read_signed(self) -> Checkpoint | None:
        written = self.note()
        return parse_checkpoint(parse_note(written).text) if written else None

    def _read_leaves(self) -> None:
        path = self._folder / LEAVES
        path.touch()
        whole = path.stat().st_size // HASH_LENGTH
        os.truncate(path, whole * HASH_LENGTH)  # what a crash cut off is sent again
        if whole < self.size:
            raise NotGrown("leaves that were signed for are gone")
        for block in self.leaves():
            for at in range(0, len(block), HASH_LENGTH):
                self._tree.append_hash(block[at : at + HASH_LENGTH])
        if self.signed and self._tree.root() != self.signed.root:
            raise NotGrown("the leaves are not those that were signed for")
        with path.open("rb") as file:
            file.seek(self.size * HASH_LENGTH)
            rest = file.read()
        self._unsigned = [rest[at : at + HASH_LENGTH] for at in range(0, len(rest), HASH_LENGTH)]
