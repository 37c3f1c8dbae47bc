"""Proofs are those of RFC 9162: published ones, all small ones, and no bent one holds."""

from collections.abc import Sequence

import pytest

from gateway.evidence.hashing import SHA256, SM3, TreeHash
from gateway.evidence.proofs import (
    InvalidProof,
    NoSuchProof,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from tests.evidence.trees import LEAVES, defined_root, leaf_hashes, nodes_of

BOTH = pytest.mark.parametrize("hashing", [SHA256, SM3], ids=["sha256", "sm3"])
LARGEST = 40
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
G = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
H = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
K = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"


def published(hashing: TreeHash = SHA256) -> list[bytes]:
    return [hashing.leaf(leaf) for leaf in LEAVES]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, F]), (2, 3, [H]), (1, 5, [G, B, D])],
)
def test_the_published_inclusion_proofs_come_out(index: int, size: int, path: list[str]) -> None:
    proof = prove_inclusion(SHA256, nodes_of(SHA256, published()), index, size)
    assert [step.hex() for step in proof] == path


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [(1, 1, []), (8, 8, []), (1, 8, [A, B, C]), (6, 8, [K, E, F]), (2, 5, [B, D])],
)
def test_the_published_consistency_proofs_come_out(old: int, new: int, path: list[str]) -> None:
    proof = prove_consistency(SHA256, nodes_of(SHA256, published()), old, new)
    assert [step.hex() for step in proof] == path


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (0, "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
        (1, "2daef60e7a0b8f5e024c81cd2ab3109f2b4f155cf83adeb2ae5532f74a157fdf"),
        (8, "bc48ba7a709184b5f2a631e1adeb8dc2a0d4c018c1d6cc89b5664fe154c93b38"),
    ],
)
def test_the_roots_with_sm3_stay_what_they_are(size: int, root: str) -> None:
    assert defined_root(SM3, published(SM3)[:size]).hex() == root


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_is_that_of_the_standard(content: bytes, digest: str) -> None:
    assert SM3.digest(content).hex() == digest


@BOTH
def test_every_inclusion_proof_holds_for_its_own_leaf_and_place_alone(hashing: TreeHash) -> None:
    hashes = leaf_hashes(hashing, LARGEST)
    node = nodes_of(hashing, hashes)
    for size in range(1, LARGEST + 1):
        root = defined_root(hashing, hashes[:size])
        for index in range(size):
            proof = prove_inclusion(hashing, node, index, size)
            verify_inclusion(hashing, hashes[index], index, size, proof, root)
            elsewhere = (index + 1) % size
            if size > 1:
                refuses_leaf(hashing, hashes[elsewhere], index, size, proof, root)
                refuses_leaf(hashing, hashes[index], elsewhere, size, proof, root)


@BOTH
def test_every_consistency_proof_holds_between_its_own_roots_alone(hashing: TreeHash) -> None:
    hashes = leaf_hashes(hashing, LARGEST)
    node = nodes_of(hashing, hashes)
    roots = [defined_root(hashing, hashes[:size]) for size in range(LARGEST + 1)]
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = prove_consistency(hashing, node, old, new)
            verify_consistency(hashing, old, new, proof, roots[old], roots[new])
            refuses_growth(hashing, old, new, proof, roots[old - 1], roots[new])
            refuses_growth(hashing, old, new, proof, roots[old], roots[new - 1])


def bent(proof: Sequence[bytes]) -> list[list[bytes]]:
    """The same proof with a step flipped, cut, left out, repeated, doubled or added."""
    steps = list(proof)
    found = [[*steps, bytes(32)], [bytes(32), *steps], [*steps, b""]]
    for place, step in enumerate(steps):
        before, after = steps[:place], steps[place + 1 :]
        flipped = bytes([step[0] ^ 1]) + step[1:]
        found += [[*before, flipped, *after], [*before, *after], [*before, step, step, *after]]
        found += [[*before, step[:31], *after], [*before, step + b"\0", *after]]
    if steps != steps[::-1]:
        found.append(steps[::-1])
    return found


@BOTH
def test_no_bent_inclusion_proof_holds(hashing: TreeHash) -> None:
    hashes = leaf_hashes(hashing, 13)
    node = nodes_of(hashing, hashes)
    for size in range(1, 14):
        root = defined_root(hashing, hashes[:size])
        for index in range(size):
            proof = prove_inclusion(hashing, node, index, size)
            for other in bent(proof):
                refuses_leaf(hashing, hashes[index], index, size, other, root)
            refuses_leaf(hashing, hashes[index], index, size, proof, bytes(32))
            refuses_leaf(hashing, hashes[index], index, size, proof, root[:31])
            refuses_leaf(hashing, hashes[index][:31], index, size, proof, root)


@BOTH
def test_no_bent_consistency_proof_holds(hashing: TreeHash) -> None:
    hashes = leaf_hashes(hashing, 13)
    node = nodes_of(hashing, hashes)
    roots = [defined_root(hashing, hashes[:size]) for size in range(14)]
    for new in range(1, 14):
        for old in range(1, new + 1):
            proof = prove_consistency(hashing, node, old, new)
            for other in bent(proof):
                refuses_growth(hashing, old, new, other, roots[old], roots[new])
            refuses_growth(hashing, new, old - 1, proof, roots[new], roots[old - 1])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (8, 8), (9, 8), (-1, 8), (0, -1)])
def test_a_place_outside_the_tree_is_neither_proven_nor_believed(index: int, size: int) -> None:
    leaf = published()[0]
    with pytest.raises(NoSuchProof):
        prove_inclusion(SHA256, nodes_of(SHA256, published()), index, size)
    refuses_leaf(SHA256, leaf, index, size, [], leaf)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (0, 8), (2, 1), (-1, 1), (-1, -1)])
def test_growth_from_nothing_or_backwards_is_neither_proven_nor_believed(
    old: int, new: int
) -> None:
    empty = SHA256.empty()
    with pytest.raises(NoSuchProof):
        prove_consistency(SHA256, nodes_of(SHA256, published()), old, new)
    refuses_growth(SHA256, old, new, [], empty, empty)


def test_a_proof_for_a_smaller_or_larger_tree_is_refused_though_its_hashes_add_up() -> None:
    hashes = leaf_hashes(SHA256, 8)
    node, root = nodes_of(SHA256, hashes), defined_root(SHA256, hashes)
    refuses_leaf(SHA256, hashes[1], 0, 1, [hashes[0]], SHA256.node(*hashes[:2]))
    refuses_leaf(SHA256, hashes[0], 0, 16, prove_inclusion(SHA256, node, 0, 8), root)
    seven = defined_root(SHA256, hashes[:7])
    refuses_growth(SHA256, 3, 4, prove_consistency(SHA256, node, 7, 8), seven, root)
    refuses_growth(SHA256, 1, 16, prove_consistency(SHA256, node, 1, 8), hashes[0], root)


def test_two_roots_of_one_size_are_refused() -> None:
    refuses_growth(SHA256, 8, 8, [], bytes.fromhex(A), bytes.fromhex(B))


def test_a_proof_with_one_hash_does_not_hold_with_the_other() -> None:
    hashes = leaf_hashes(SHA256, 6)
    root = defined_root(SHA256, hashes)
    proof = prove_inclusion(SHA256, nodes_of(SHA256, hashes), 4, 6)
    refuses_leaf(SM3, hashes[4], 4, 6, proof, root)


def refuses_leaf(
    hashing: TreeHash, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    with pytest.raises(InvalidProof):
        verify_inclusion(hashing, leaf, index, size, proof, root)


def refuses_growth(
    hashing: TreeHash, old: int, new: int, proof: Sequence[bytes], before: bytes, after: bytes
) -> None:
    with pytest.raises(InvalidProof):
        verify_consistency(hashing, old, new, proof, before, after)
