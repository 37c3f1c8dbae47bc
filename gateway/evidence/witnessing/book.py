"""The witness's own copy of one log: every leaf hash, and the checkpoint it signed last.

One SQLite file: leaves and the checkpoint over them are committed together, so that a crash leaves
the witness at a size it signed for.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from contracts.errors import JisuiError
from gateway.evidence.checkpoints import Checkpoint, hashing_of, parse_checkpoint
from gateway.evidence.hashing import HASH_LENGTH
from gateway.evidence.merkle import Frontier, Tree
from gateway.evidence.note_keys import VerifierKey, verify_signed
from gateway.evidence.notes import Note, Signature, note_bytes, parse_note
from gateway.evidence.witnessing.growth import Growth

MOST_REFUSED = 1000  # that are kept; they are many only where somebody means harm
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS leaves (first INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS signed
    (only INTEGER PRIMARY KEY CHECK (only = 1), note BLOB NOT NULL, peaks BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refused (note BLOB PRIMARY KEY) STRICT;
"""


class AnotherSize(JisuiError):
    """The log has another idea of what was signed last; `size` is ours."""

    def __init__(self, size: int) -> None:
        super().__init__(f"signed up to {size}")
        self.size = size


class NotGrown(JisuiError):
    """The log's own signature is under a tree that did not grow from the one signed last."""


class Book:
    """One log as its witness keeps it."""

    def __init__(self, file: Path, log: VerifierKey) -> None:
        """Open what is there; raise `NotGrown` where it is not what was signed."""
        self.log = log
        file.parent.mkdir(parents=True, exist_ok=True)
        self._store = sqlite3.connect(file, isolation_level=None)
        self._store.executescript(_SCHEMA)
        self._signed, self._frontier = self._read()

    @property
    def size(self) -> int:
        """How many leaves were signed for."""
        return self._frontier.size

    def grow(self, growth: Growth, cosignature: Signature) -> None:
        """The leaves and the checkpoint, with this signature, are on the disk when this returns.

        Raises `InvalidNote` or `NotSigned` for a stranger's, `AnotherSize`, or `NotGrown`. Two
        trees that the log signed and that cannot both be are remembered.
        """
        verify_signed(growth.note, self.log)
        checkpoint = parse_checkpoint(growth.note.text)
        if growth.old != self.size:
            if self._signed and self._signed.size == checkpoint.size:
                self._require_same(checkpoint, growth.note)
            raise AnotherSize(self.size)
        tree = self._grown(checkpoint, growth)
        if tree is None:
            self._remember(growth.note)
            raise NotGrown("another tree than the one signed before")
        both = Note(growth.note.text, (*growth.note.signatures, cosignature))
        self._write(growth, note_bytes(both), tree.frontier())
        self._signed, self._frontier = checkpoint, tree.frontier()

    def note(self) -> bytes | None:
        """The checkpoint signed last, by both; None where none was."""
        row = self._store.execute("SELECT note FROM signed").fetchone()
        return row and bytes(row[0])

    def leaves(self) -> Iterator[bytes]:
        """The hashes of every leaf that was signed for when this was asked, in blocks."""
        through = self.size
        query = "SELECT hashes FROM leaves WHERE first < ? ORDER BY first"
        for (hashes,) in self._store.execute(query, (through,)):
            yield hashes

    def refused(self) -> list[bytes]:
        """The checkpoints that prove what the log should not have signed."""
        return [note for (note,) in self._store.execute("SELECT note FROM refused")]

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def _grown(self, checkpoint: Checkpoint, growth: Growth) -> Tree | None:
        """The tree with these leaves, where it is the one of the checkpoint and grew from ours."""
        hashing = hashing_of(checkpoint)
        same_hash = self._signed is None or hashing == hashing_of(self._signed)
        if checkpoint.origin != self.log.name or not same_hash:
            return None
        tree = Tree.resumed(self._frontier, hashing)
        for leaf in growth.leaves:
            tree.append_hash(leaf)
        return tree if (tree.size, tree.root()) == (checkpoint.size, checkpoint.root) else None

    def _require_same(self, checkpoint: Checkpoint, note: Note) -> None:
        if self._signed and checkpoint.root != self._signed.root:
            self._remember(note)
            raise NotGrown("another tree of the same size")

    def _write(self, growth: Growth, note: bytes, frontier: Frontier) -> None:
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            if growth.leaves:
                row = (growth.old, b"".join(growth.leaves))
                self._store.execute("INSERT INTO leaves VALUES (?, ?)", row)
            signed = (note, b"".join(frontier.peaks))
            self._store.execute("INSERT OR REPLACE INTO signed VALUES (1, ?, ?)", signed)

    def _remember(self, note: Note) -> None:
        (count,) = self._store.execute("SELECT count(*) FROM refused").fetchone()
        if count < MOST_REFUSED:
            self._store.execute("INSERT OR IGNORE INTO refused VALUES (?)", (note_bytes(note),))

    def _read(self) -> tuple[Checkpoint | None, Frontier]:
        row = self._store.execute("SELECT note, peaks FROM signed").fetchone()
        if row is None:
            return None, Frontier(0, ())
        signed = parse_checkpoint(parse_note(bytes(row[0])).text)
        cuts = range(0, len(row[1]), HASH_LENGTH)
        frontier = Frontier(signed.size, tuple(row[1][at : at + HASH_LENGTH] for at in cuts))
        (kept,) = self._store.execute("SELECT total(length(hashes)) FROM leaves").fetchone()
        whole = kept == signed.size * HASH_LENGTH
        if not whole or Tree.resumed(frontier, hashing_of(signed)).root() != signed.root:
            raise NotGrown("the leaves are not those that were signed for")
        return signed, frontier
