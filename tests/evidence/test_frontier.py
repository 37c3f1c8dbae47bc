"""A tree grows on from its frontier as if it had never stopped."""

import pytest

from gateway.evidence.hashing import SHA256, SM3, TreeHash
from gateway.evidence.merkle import BrokenFrontier, Frontier, Tree
from tests.evidence.trees import defined_root, leaf_hashes


@pytest.mark.parametrize("hashing", [SHA256, SM3], ids=["sha256", "sm3"])
def test_a_tree_resumed_at_every_size_has_the_defined_roots(hashing: TreeHash) -> None:
    hashes = leaf_hashes(hashing, 70)
    tree = Tree(hashing)
    for size in range(71):
        assert (tree.size, tree.root()) == (size, defined_root(hashing, hashes[:size]))
        tree = Tree.resumed(tree.frontier(), hashing)
        if size < 70:
            tree.append_hash(hashes[size])


def test_a_frontier_stays_as_it_was_while_its_tree_grows() -> None:
    tree = Tree()
    tree.append(b"a")
    kept = tree.frontier()
    tree.append(b"b")
    assert kept == Frontier(1, (SHA256.leaf(b"a"),))


@pytest.mark.parametrize(
    "frontier",
    [
        Frontier(0, (bytes(32),)),
        Frontier(3, (bytes(32),)),
        Frontier(4, (bytes(32), bytes(32))),
        Frontier(1, (bytes(31),)),
        Frontier(-1, (bytes(32),)),
    ],
)
def test_what_no_tree_can_have_been_is_refused(frontier: Frontier) -> None:
    with pytest.raises(BrokenFrontier):
        Tree.resumed(frontier)
