"""A log's folder: its tiles, its newest checkpoint, and the lock of whoever writes either."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import JisuiError
from gateway.evidence.checkpoints import Checkpoint, parse_checkpoint
from gateway.evidence.hashing import TreeHash
from gateway.evidence.notes import InvalidNote, parse_note
from gateway.evidence.tile_files import DamagedTiles
from gateway.evidence.tile_writer import TileWriter
from gateway.evidence.tiles import TiledTree

CHECKPOINT = "checkpoint"
_LOCK = "lock"


class FolderBusy(JisuiError):
    """Another process is writing there at the moment."""


@dataclass(frozen=True, slots=True)
class LogFolder:
    """Where one log's tree lies, and how it is hashed."""

    path: Path
    hashing: TreeHash

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only one who writes there, or raise `FolderBusy`."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderBusy("the folder of the evidence is being written") from None
            yield

    def open_tiles(self) -> TileWriter:
        """The writer of the tiles; where they are damaged, of none: they are laid anew."""
        try:
            return TileWriter(self.path, self.hashing)
        except DamagedTiles:
            shutil.rmtree(self.path / "tile")
            return TileWriter(self.path, self.hashing)

    def tree(self, size: int) -> TiledTree:
        """The tree of one size, no larger than what was laid."""
        return TiledTree(self.path, size, self.hashing)

    def checkpoint(self) -> Checkpoint | None:
        """The newest checkpoint as this folder has it; None where it has none."""
        note = self.note()
        try:
            return parse_checkpoint(parse_note(note).text) if note else None
        except InvalidNote:
            return None

    def note(self) -> bytes | None:
        """The newest checkpoint as it was signed; None where there is none."""
        try:
            return (self.path / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def write_checkpoint(self, note: bytes) -> None:
        """Put the newest checkpoint in the place of the one before, whole or not at all."""
        draft = self.path / f"{CHECKPOINT}.draft"
        with draft.open("wb") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path / CHECKPOINT)
