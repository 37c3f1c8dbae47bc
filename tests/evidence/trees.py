"""Trees straight from the definition, for comparison, and the leaves the reference tests use."""

from gateway.evidence.hashing import TreeHash
from gateway.evidence.proofs import Node

# Published with the Certificate Transparency and transparency-dev reference implementations.
LEAVES = tuple(
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)


def leaf_hashes(hashing: TreeHash, count: int) -> list[bytes]:
    """The hashes of as many different leaves."""
    return [hashing.leaf(str(place).encode()) for place in range(count)]


def defined_root(hashing: TreeHash, hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if not hashes:
        return hashing.digest(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = defined_root(hashing, hashes[:split]), defined_root(hashing, hashes[split:])
    return hashing.digest(b"\x01" + left + right)


def nodes_of(hashing: TreeHash, hashes: list[bytes]) -> Node:
    """Every perfect subtree's root, each computed from its leaves."""

    def node(level: int, number: int) -> bytes:
        leaves = hashes[number << level : (number + 1) << level]
        assert len(leaves) == 1 << level
        return defined_root(hashing, leaves)

    return node
