"""The tree is that of RFC 6962: published roots, and a second implementation straight from it."""

from hashlib import sha256

import pytest

from gateway.evidence.merkle import Tree

# Published with the Certificate Transparency and transparency-dev reference implementations.
LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def grown(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = root_by_definition(leaves[:split]), root_by_definition(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size: int) -> None:
    tree = grown([bytes.fromhex(leaf) for leaf in LEAVES[:size]])
    assert (tree.size, tree.root().hex()) == (size, ROOTS[size])


def test_the_published_leaf_hash_comes_out() -> None:
    expected = "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert grown([b"L123456"]).root().hex() == expected


def test_every_size_up_to_130_agrees_with_the_definition() -> None:
    leaves = [bytes([place]) * place for place in range(130)]
    tree = Tree()
    for size in range(131):
        assert tree.root() == root_by_definition(leaves[:size]), size
        if size < 130:
            tree.append(leaves[size])


def test_asking_for_the_root_changes_nothing() -> None:
    tree = grown([b"a", b"b", b"c"])
    assert tree.root() == tree.root() == root_by_definition([b"a", b"b", b"c"])
