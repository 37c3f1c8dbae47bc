"""How far a log has grown, seen from its tiles or from what a process kept since its last round."""

from dataclasses import dataclass

from gateway.evidence.log_folder import LogFolder
from gateway.evidence.merkle import Frontier, Tree


@dataclass(frozen=True, slots=True)
class Grown:
    """A log of one size; its last leaves are known without the tiles, which may not be laid."""

    folder: LogFolder
    frontier: Frontier
    root: bytes
    arrived: tuple[bytes, ...] = ()

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self.frontier.size

    def leaves(self, first: int, end: int) -> tuple[bytes, ...]:
        """The leaves' hashes from `first` up to, not with, `end`; raise `DamagedTiles`."""
        start = self.size - len(self.arrived)
        if first >= start:
            return self.arrived[first - start : end - start]
        return tuple(self.folder.tree(end).leaves(first, end))

    def root_at(self, size: int) -> bytes:
        """The root it had at a size; raise `DamagedTiles`."""
        return self.root if size == self.size else self.folder.tree(size).root()

    def with_leaves(self, arrived: list[bytes]) -> "Grown":
        """The log with these leaves added."""
        tree = Tree.resumed(self.frontier, self.folder.hashing)
        for leaf in arrived:
            tree.append_hash(leaf)
        return Grown(self.folder, tree.frontier(), tree.root(), tuple(arrived))


def read_grown(folder: LogFolder, size: int) -> Grown:
    """The log of this size as its tiles have it; raise `DamagedTiles`."""
    tiles = folder.tree(size)
    return Grown(folder, tiles.frontier(), tiles.root())
