"""Lays the tiles of a growing tree; what a crash left unfinished is finished on opening."""

from collections.abc import Sequence
from pathlib import Path

from gateway.evidence.hashing import TreeHash
from gateway.evidence.tile_files import (
    FULL,
    TILE_BITS,
    DamagedTiles,
    drop_parts,
    full_tiles,
    read_tile,
    widest_part,
    write_tile,
)
from gateway.evidence.tiles import tile_root


class TileWriter:
    """The only hand that writes one log's tiles; `extend` only after the entries are numbered."""

    def __init__(self, folder: Path, hashing: TreeHash) -> None:
        """Find what is there and finish it; raise `DamagedTiles` where no crash can have left it.

        `size` then tells how many leaves there are: those after them are laid from the store.
        """
        self._folder = folder
        self._hashing = hashing
        self._edges: list[list[bytes]] = [self._found_edge(0)]
        self.size = full_tiles(folder, 0) * FULL + len(self._edges[0])
        self._finish()

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """The tiles of the tree with these leaves added are on the disk when this returns.

        After an `OSError` this writer knows no more what is there: open another.
        """
        arrived, start, level = list(leaf_hashes), self.size, 0
        while arrived:
            arrived = self._lay(level, start >> TILE_BITS * level, arrived)
            level += 1
        self.size += len(leaf_hashes)

    def _lay(self, level: int, start: int, arrived: list[bytes]) -> list[bytes]:
        """Add hashes to a level; the roots of the tiles that became full."""
        if level == len(self._edges):
            self._edges.append([])
        first = start // FULL
        hashes = self._edges[level] + arrived
        cuts = range(0, len(hashes), FULL)
        roots = []
        for number, tile in enumerate((hashes[at : at + FULL] for at in cuts), first):
            write_tile(self._folder, level, number, tile)
            if len(tile) == FULL:
                drop_parts(self._folder, level, number)
                roots.append(tile_root(self._hashing, tile))
        self._edges[level] = hashes[len(roots) * FULL :]
        return roots

    def _finish(self) -> None:
        """Lay the roots of full tiles that a crash kept from the levels above."""
        level, full = 1, full_tiles(self._folder, 0)
        while full or (self._folder / f"tile/{level}").exists():
            edge = self._found_edge(level)
            there = full_tiles(self._folder, level) * FULL + len(edge)
            if there > full:
                raise DamagedTiles(f"level {level} holds more than there is below it")
            self._edges.append(edge)
            missing = [self._root_of(level - 1, number) for number in range(there, full)]
            if missing:
                self._lay(level, there, missing)
            level, full = level + 1, full // FULL

    def _found_edge(self, level: int) -> list[bytes]:
        number = full_tiles(self._folder, level)
        width = widest_part(self._folder, level, number)
        return read_tile(self._folder, level, number, width) if width else []

    def _root_of(self, level: int, number: int) -> bytes:
        return tile_root(self._hashing, read_tile(self._folder, level, number, FULL))
