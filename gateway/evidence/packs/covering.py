"""Which hashes a pack needs: the leaves it shows, and the roots of all that lies between them."""

from collections.abc import Iterable, Sequence

from gateway.evidence.packs.verify import blocks
from gateway.evidence.proofs import Range
from gateway.evidence.tiles import TiledTree


def ranges_of(positions: Iterable[int]) -> list[Range]:
    """Rising positions, which count from 1, as ranges of leaves, which count from 0."""
    ranges: list[Range] = []
    for position in positions:
        first = ranges.pop()[0] if ranges and ranges[-1][1] == position - 1 else position - 1
        ranges.append((first, position))
    return ranges


def leaves(tree: TiledTree, ranges: Sequence[Range]) -> bytes:
    """The hashes of these leaves, from left to right."""
    return b"".join(each for first, end in ranges for each in tree.leaves(first, end))


def fillers(tree: TiledTree, ranges: Sequence[Range]) -> bytes:
    """The roots of the perfect subtrees between, before and after these leaves."""
    starts = [0, *(end for _, end in ranges)]
    ends = [*(first for first, _ in ranges), tree.size]
    return b"".join(
        tree.node(width.bit_length() - 1, first // width)
        for start, end in zip(starts, ends, strict=True)
        for first, width in blocks(start, end)
    )
