"""The Merkle tree of RFC 6962, section 2.1, over SHA-256: its root, grown leaf by leaf."""

from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


class Tree:
    """A tree that only grows and keeps no more than the roots of its perfect subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # of 2^k leaves for each bit k set in `size`, largest first

    def append(self, leaf: bytes) -> None:
        """Add one leaf, given as the bytes it stands for."""
        node = sha256(b"\x00" + leaf).digest()
        filled = self.size
        while filled & 1:
            node = _parent(self._peaks.pop(), node)
            filled >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far; that of no leaves is the hash of nothing."""
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = _parent(peak, node)
        return node


def _parent(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
