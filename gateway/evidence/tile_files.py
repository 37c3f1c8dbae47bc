"""Tile files on the disk: written whole or not at all, and found again after a crash."""

import os
import re
import shutil
from bisect import bisect_left
from pathlib import Path

from contracts.errors import JisuiError
from gateway.evidence.hashing import HASH_LENGTH

TILE_BITS = 8  # of the levels of the tree, as many as lie in one tile
FULL = 1 << TILE_BITS
_BELOW = 1000  # tiles in a folder
_WIDTH = re.compile(r"[1-9][0-9]{0,2}")
_MOST_TILES = 1 << 48  # at one level; far beyond any log


class DamagedTiles(JisuiError):
    """A tile is missing, or is not what was written; they can be laid anew from the store."""


def tile_path(level: int, number: int, width: int = FULL) -> str:
    """Where a tile lies below the log's folder, as in `tile/0/x001/x234/067.p/12`."""
    last = f"{number % _BELOW:03}"
    folders = ""
    while number := number // _BELOW:
        folders = f"x{number % _BELOW:03}/{folders}"
    partial = "" if width == FULL else f".p/{width}"
    return f"tile/{level}/{folders}{last}{partial}"


def read_tile(folder: Path, level: int, number: int, width: int) -> list[bytes]:
    """The hashes of one tile file, or raise `DamagedTiles`."""
    path = tile_path(level, number, width)
    try:
        content = (folder / path).read_bytes()
    except FileNotFoundError:
        raise DamagedTiles(f"{path} is missing") from None
    if len(content) != width * HASH_LENGTH:
        raise DamagedTiles(f"{path} has another length")
    return [content[at : at + HASH_LENGTH] for at in range(0, len(content), HASH_LENGTH)]


def write_tile(folder: Path, level: int, number: int, hashes: list[bytes]) -> None:
    """The tile on the disk when this returns; a crash leaves it there or not, never half of it."""
    path = folder / tile_path(level, number, len(hashes))
    _make_folder(path.parent)
    # Its own name in its own folder: one process at a time writes tiles.
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.write(b"".join(hashes))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def drop_parts(folder: Path, level: int, number: int) -> None:
    """Remove the narrower files of a tile that is full, where there are any."""
    parts = (folder / tile_path(level, number, 1)).parent
    if parts.exists():
        shutil.rmtree(parts)


def full_tiles(folder: Path, level: int) -> int:
    """How many full tiles there are at a level; they are written one after the other."""
    return bisect_left(
        range(_MOST_TILES),
        True,
        key=lambda number: not (folder / tile_path(level, number)).exists(),
    )


def widest_part(folder: Path, level: int, number: int) -> int:
    """The width of a tile that is not full; 0 where there is none."""
    parts = (folder / tile_path(level, number, 1)).parent
    names = [path.name for path in parts.iterdir()] if parts.exists() else []
    widths = [int(name) for name in names if _WIDTH.fullmatch(name)]
    return max((width for width in widths if width < FULL), default=0)


def _make_folder(folder: Path) -> None:
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
