"""Proofs that a leaf is in a tree, and that a tree only grew; made and verified (RFC 9162, 2.1)."""

from collections.abc import Callable, Sequence

from contracts.errors import JisuiError
from gateway.evidence.hashing import HASH_LENGTH, TreeHash

Range = tuple[int, int]  # leaves from the first up to, not with, the second
# The root of the perfect subtree of 2^level leaves with this number among those of its level.
Node = Callable[[int, int], bytes]


class InvalidProof(JisuiError):
    """The proof does not show what it is said to show."""


class NoSuchProof(JisuiError):
    """There is nothing to prove: no such leaf, no such smaller tree, or a tree of no leaves."""


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose roots prove a leaf, in the order of the proof."""
    if not 0 <= index < size:
        raise NoSuchProof(f"no leaf {index} in a tree of {size}")
    first, end, path = 0, size, []
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((first, middle))
            first = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The subtrees whose roots prove that the tree of `old` leaves grew to `new`."""
    if not 0 < old <= new:
        raise NoSuchProof(f"a tree of {new} did not grow from one of {old}")
    first, end, path = 0, new, []
    while end != old:
        middle = first + _split(end - first)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((first, middle))
            first = middle
    if first:
        path.append((first, end))  # where `first` is 0 it is the old root, which is known
    return path[::-1]


def range_root(hashing: TreeHash, node: Node, leaves: Range) -> bytes:
    """The root over a range that is a subtree; that of no leaves is the hash of nothing."""
    first, end = leaves
    width = end - first
    if not width:
        return hashing.empty()
    if width & (width - 1) == 0:
        return node(width.bit_length() - 1, first // width)
    middle = first + _split(width)
    left, right = (first, middle), (middle, end)
    return hashing.node(range_root(hashing, node, left), range_root(hashing, node, right))


def prove_inclusion(hashing: TreeHash, node: Node, index: int, size: int) -> list[bytes]:
    """The proof that the leaf is in the tree; raise `NoSuchProof` where there is none."""
    return [range_root(hashing, node, leaves) for leaves in inclusion_ranges(index, size)]


def prove_consistency(hashing: TreeHash, node: Node, old: int, new: int) -> list[bytes]:
    """The proof that the tree only grew; raise `NoSuchProof`, also from a tree of no leaves."""
    return [range_root(hashing, node, leaves) for leaves in consistency_ranges(old, new)]


def verify_inclusion(
    hashing: TreeHash, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Return where the leaf is in the tree with this root; raise `InvalidProof` (2.1.3.2)."""
    _require(0 <= index < size, "no such leaf")
    _require_hashes([leaf_hash, root, *proof])
    place, last, found = index, size - 1, leaf_hash
    for sibling in proof:
        _require(last > 0, "too long")
        if place & 1 or place == last:
            found = hashing.node(sibling, found)
            place, last = _climbed(place, last)
        else:
            found = hashing.node(found, sibling)
        place, last = place >> 1, last >> 1
    _require(last == 0, "too short")
    _require(found == root, "another root")


def verify_consistency(
    hashing: TreeHash, old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Return where the tree only grew; raise `InvalidProof`, also from a tree of no leaves.

    RFC 9162, 2.1.4.2; it is silent about a tree of no leaves, from which anything could grow.
    """
    _require(0 < old <= new, "no such growth")
    _require_hashes([old_root, new_root, *proof])
    if old == new:
        _require(not proof, "too long")
        _require(old_root == new_root, "another root")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    _require(bool(path), "too short")
    _require(_both_roots(hashing, old, new, path) == (old_root, new_root), "another root")


def _both_roots(
    hashing: TreeHash, old: int, new: int, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        _require(last > 0, "too long")
        if place & 1 or place == last:
            before, after = hashing.node(sibling, before), hashing.node(sibling, after)
            place, last = _climbed(place, last)
        else:
            after = hashing.node(after, sibling)
        place, last = place >> 1, last >> 1
    _require(last == 0, "too short")
    return before, after


def _climbed(place: int, last: int) -> tuple[int, int]:
    """The places at the level where the subtree at the right edge has a sibling on its left."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _split(width: int) -> int:
    """The largest power of two below a width of at least two."""
    return 1 << ((width - 1).bit_length() - 1)


def _require_hashes(given: Sequence[bytes]) -> None:
    _require(all(len(each) == HASH_LENGTH for each in given), "not a hash")


def _require(so: bool, otherwise: str) -> None:
    if not so:
        raise InvalidProof(otherwise)
