"""The Merkle tree of RFC 6962, section 2.1: its root, grown leaf by leaf."""

from dataclasses import dataclass

from contracts.errors import JisuiError
from gateway.evidence.hashing import HASH_LENGTH, SHA256, TreeHash


class BrokenFrontier(JisuiError):
    """Not the roots of the perfect subtrees a tree of that size has."""


@dataclass(frozen=True, slots=True)
class Frontier:
    """All a tree must keep to grow on: its size and the roots of its perfect subtrees.

    One of 2^k leaves for each bit k set in `size`, the largest first.
    """

    size: int
    peaks: tuple[bytes, ...]


class Tree:
    """A tree that only grows and keeps no more than its frontier."""

    def __init__(self, hashing: TreeHash = SHA256) -> None:
        self.size = 0
        self._hashing = hashing
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf, given as the bytes it stands for."""
        self.append_hash(self._hashing.leaf(leaf))

    def append_hash(self, leaf_hash: bytes) -> None:
        """Add one leaf, given as its hash."""
        node = leaf_hash
        filled = self.size
        while filled & 1:
            node = self._hashing.node(self._peaks.pop(), node)
            filled >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far; that of no leaves is the hash of nothing."""
        if not self._peaks:
            return self._hashing.empty()
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = self._hashing.node(peak, node)
        return node

    def frontier(self) -> Frontier:
        """What `resumed` needs to grow this tree on."""
        return Frontier(self.size, tuple(self._peaks))

    @classmethod
    def resumed(cls, frontier: Frontier, hashing: TreeHash = SHA256) -> "Tree":
        """The tree that had this frontier; raise `BrokenFrontier` where none can have had it."""
        of_hashes = all(len(peak) == HASH_LENGTH for peak in frontier.peaks)
        if frontier.size < 0 or len(frontier.peaks) != frontier.size.bit_count() or not of_hashes:
            raise BrokenFrontier(f"not the frontier of {frontier.size} leaves")
        tree = cls(hashing)
        tree.size = frontier.size
        tree._peaks = list(frontier.peaks)
        return tree
