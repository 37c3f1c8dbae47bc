"""Tiles lie where C2SP says, give every root and proof, and are whole again after any crash."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.evidence.hashing import SHA256, SM3, TreeHash
from gateway.evidence.merkle import Tree
from gateway.evidence.proofs import (
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from gateway.evidence.tile_files import DamagedTiles, tile_path
from gateway.evidence.tile_writer import TileWriter
from gateway.evidence.tiles import TiledTree, width_of
from tests.evidence.trees import leaf_hashes

LARGE = 70_000  # the example of the text on tiles
HASHES = leaf_hashes(SHA256, LARGE)


def roots_of(hashing: TreeHash, hashes: list[bytes]) -> list[bytes]:
    tree = Tree(hashing)
    roots = [tree.root()]
    for each in hashes:
        tree.append_hash(each)
        roots.append(tree.root())
    return roots


ROOTS = roots_of(SHA256, HASHES[:1000])


def files_in(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiles of the large tree, laid at once; not to be changed."""
    folder = tmp_path_factory.mktemp("large")
    TileWriter(folder, SHA256).extend(HASHES)
    return folder


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 0, 1, "tile/0/000.p/1"),
        (1, 999, 256, "tile/1/999"),
        (0, 1000, 256, "tile/0/x001/000"),
        (0, 1234067, 255, "tile/0/x001/x234/067.p/255"),
        (63, 1_000_000_000, 256, "tile/63/x001/x000/x000/000"),
    ],
)
def test_a_tile_lies_where_the_text_says(level: int, number: int, width: int, path: str) -> None:
    assert tile_path(level, number, width) == path


def test_the_tiles_of_the_example_in_the_text_are_these(large: Path) -> None:
    full = {f"tile/0/{number:03}": 8192 for number in range(273)} | {"tile/1/000": 8192}
    parts = {"tile/0/273.p/112": 112 * 32, "tile/1/001.p/17": 17 * 32, "tile/2/000.p/1": 32}
    assert files_in(large) == full | parts
    assert [width_of(LARGE, *at) for at in [(0, 272), (0, 273), (0, 274), (1, 1), (2, 0)]] == [
        256,
        112,
        0,
        17,
        1,
    ]


def test_the_large_tree_proves_its_leaves_and_its_growth(large: Path) -> None:
    tree = TiledTree(large, LARGE, SHA256)
    root = tree.root()
    assert root == roots_of(SHA256, HASHES)[-1]
    chosen = random.Random(7)
    for index in (0, 255, 256, 65535, 65536, LARGE - 1, *chosen.sample(range(LARGE), 20)):
        proof = prove_inclusion(SHA256, tree.node, index, LARGE)
        verify_inclusion(SHA256, HASHES[index], index, LARGE, proof, root)
    for old in (1, 256, 65536, LARGE - 1, *chosen.sample(range(1, LARGE), 10)):
        before = TiledTree(large, old, SHA256).root()  # from whole tiles: its parts are gone
        proof = prove_consistency(SHA256, tree.node, old, LARGE)
        verify_consistency(SHA256, old, LARGE, proof, before, root)


@pytest.mark.parametrize("hashing", [SHA256, SM3], ids=["sha256", "sm3"])
def test_every_size_reached_keeps_its_root(hashing: TreeHash, tmp_path: Path) -> None:
    hashes = leaf_hashes(hashing, 800)
    roots = roots_of(hashing, hashes)
    writer, chosen, reached = TileWriter(tmp_path, hashing), random.Random(3), [0]
    while writer.size < 800:
        batch = hashes[writer.size : writer.size + chosen.choice([0, 1, 2, 7, 100, 256, 300])]
        writer.extend(batch)
        reached.append(writer.size)
        assert TileWriter(tmp_path, hashing).size == writer.size
    for size in reached:
        assert TiledTree(tmp_path, size, hashing).root() == roots[size], size


def grow(folder: Path) -> None:
    """Open whatever is there and lay what the store has beyond it, as a leader does."""
    writer = TileWriter(folder, SHA256)
    for size in (100, 250, 513, 900):
        if size > writer.size:
            writer.extend(HASHES[writer.size : size])


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_whichever_write_fails_the_tiles_are_whole_after_the_next_start(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_at, failed = 0, True
    while failed:
        folder = tmp_path / str(fails_at)
        failed = grown_until(fails_at, call, folder, monkeypatch)
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".draft":
                assert path.stat().st_size == 32 * int(path.name if ".p/" in str(path) else 256)
        grow(folder)
        assert TileWriter(folder, SHA256).size == 900
        for size in (900, 800, 768, 513, 257, 256, 1):
            assert TiledTree(folder, size, SHA256).root() == ROOTS[size]
        fails_at += 1
    assert fails_at >= 10


def grown_until(fails_at: int, call: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Grow until this call fails for the n-th time; whether it came to that."""
    owner: object = os if call == "fsync" else Path
    genuine, calls = getattr(owner, call), iter(range(1_000_000))

    def failing(*given: object) -> object:
        if next(calls) >= fails_at:
            raise OSError(5, "the disk failed")
        return genuine(*given)

    with monkeypatch.context() as patched:
        patched.setattr(owner, call, failing)
        try:
            grow(folder)
        except OSError:
            return True
    return False


def test_levels_that_were_lost_are_laid_anew_from_the_leaves(large: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(large, folder)
    before = files_in(folder)
    shutil.rmtree(folder / "tile/1")
    shutil.rmtree(folder / "tile/2")
    assert TileWriter(folder, SHA256).size == LARGE
    assert files_in(folder) == before
    assert TiledTree(folder, LARGE, SHA256).root() == TiledTree(large, LARGE, SHA256).root()


def test_leaves_that_were_lost_below_their_roots_are_no_crash(large: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(large, folder)
    shutil.rmtree(folder / "tile/0")
    with pytest.raises(DamagedTiles, match="level 1"):
        TileWriter(folder, SHA256)


@pytest.mark.parametrize(
    ("bend", "said"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "length"),
        (lambda path: path.write_bytes(b""), "length"),
    ],
)
def test_a_bent_tile_is_said_to_be_damaged(
    bend: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    TileWriter(tmp_path, SHA256).extend(HASHES[:300])
    bend(tmp_path / "tile/0/000")
    with pytest.raises(DamagedTiles, match=said):
        prove_inclusion(SHA256, TiledTree(tmp_path, 300, SHA256).node, 5, 300)


def test_a_tile_with_one_other_bit_gives_another_root(tmp_path: Path) -> None:
    TileWriter(tmp_path, SHA256).extend(HASHES[:300])
    path = tmp_path / "tile/0/001.p/44"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    assert TiledTree(tmp_path, 300, SHA256).root() != ROOTS[300]


def test_a_tree_larger_than_its_tiles_is_not_there(tmp_path: Path) -> None:
    TileWriter(tmp_path, SHA256).extend(HASHES[:300])
    with pytest.raises(DamagedTiles):
        TiledTree(tmp_path, 301, SHA256).root()


def test_a_log_without_leaves_has_no_tiles_and_the_root_of_nothing(tmp_path: Path) -> None:
    TileWriter(tmp_path, SHA256).extend([])
    assert (files_in(tmp_path), TiledTree(tmp_path, 0, SHA256).root()) == ({}, SHA256.empty())


def test_a_tile_that_is_not_on_the_disk_has_no_place_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = TileWriter(tmp_path, SHA256)
    writer.extend(HASHES[:1])

    def failing(descriptor: int) -> None:
        raise OSError(5, "the disk failed")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="the disk failed"):
            writer.extend(HASHES[1:2])
    assert not (tmp_path / "tile/0/000.p/2").exists()
    assert TileWriter(tmp_path, SHA256).size == 1
