"""The tree in files, the way C2SP lays tiles: 256 hashes a file, and never more than one edge open.

A tile at level 0 holds leaf hashes, one above holds the roots of full tiles below. A tile that is
not full has its width in its name, so that no file is ever written a second time with other bytes.
"""

from dataclasses import dataclass
from pathlib import Path

from gateway.evidence.hashing import TreeHash
from gateway.evidence.merkle import Frontier, Tree
from gateway.evidence.proofs import range_root
from gateway.evidence.tile_files import (
    FULL,
    TILE_BITS,
    DamagedTiles,
    read_tile,
    tile_path,
    widest_part,
)


def width_of(size: int, level: int, number: int) -> int:
    """How many hashes a tile has in a tree of this size; 0 where there is no such tile."""
    return max(0, min(FULL, (size >> TILE_BITS * level) - number * FULL))


def tile_root(hashing: TreeHash, hashes: list[bytes]) -> bytes:
    """The root over the hashes of a tile, or of a part of it that is a subtree."""
    tree = Tree(hashing)
    for each in hashes:
        tree.append_hash(each)
    return tree.root()


@dataclass(frozen=True, slots=True)
class TiledTree:
    """The tree of one size, read from its tiles; what proofs are made from."""

    folder: Path
    size: int
    hashing: TreeHash

    def node(self, level: int, number: int) -> bytes:
        """The root of a perfect subtree, or raise `DamagedTiles`."""
        tile_level, inside = divmod(level, TILE_BITS)
        tile, place = divmod(number << inside, FULL)
        hashes = self.tile(tile_level, tile)[place : place + (1 << inside)]
        if len(hashes) != 1 << inside:
            raise DamagedTiles(f"no such subtree in a tree of {self.size}")
        return tile_root(self.hashing, hashes)

    def root(self) -> bytes:
        """The root over all leaves, or raise `DamagedTiles`."""
        return range_root(self.hashing, self.node, (0, self.size))

    def frontier(self) -> Frontier:
        """What a tree of this size must keep to grow on, or raise `DamagedTiles`."""
        peaks, start = [], 0
        for level in reversed(range(self.size.bit_length())):
            if self.size >> level & 1:
                peaks.append(self.node(level, start >> level))
                start += 1 << level
        return Frontier(self.size, tuple(peaks))

    def leaves(self, first: int, end: int) -> list[bytes]:
        """The leaf hashes from one up to, not with, another, or raise `DamagedTiles`."""
        tiles = range(first // FULL, -(-end // FULL))
        hashes = [each for tile in tiles for each in self.tile(0, tile)]
        return hashes[first % FULL : first % FULL + end - first]

    def tile(self, level: int, number: int) -> list[bytes]:
        """The hashes a tile has in the tree of this size, or raise `DamagedTiles`."""
        width = width_of(self.size, level, number)
        if (self.folder / tile_path(level, number, width)).exists():
            return read_tile(self.folder, level, number, width)
        # A size nobody stopped at has no file of its own, and parts go once the tile is full.
        part = widest_part(self.folder, level, number)
        wider = FULL if part < width else part
        return read_tile(self.folder, level, number, wider)[:width]
