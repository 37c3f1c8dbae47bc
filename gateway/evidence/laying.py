"""Lays the numbered entries' hashes into tiles, and refuses a store that is not the tiles' own."""

import asyncio

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.database import Database
from gateway.evidence.checkpoints import Checkpoint, hashing_of
from gateway.evidence.hashing import TreeHash
from gateway.evidence.log import Gap
from gateway.evidence.log_folder import LogFolder
from gateway.evidence.tables import entries

AT_ONCE = 5000


class RolledBack(JisuiError):
    """The store holds fewer entries than were signed for: an older backup, or entries are gone."""

    def __init__(self, stored: int, signed: int) -> None:
        super().__init__(
            f"数据库只有 {stored} 条证据，而已签署至第 {signed} 条：可能恢复了旧备份，拒绝写入。"
            f" The store holds {stored} entries and {signed} were signed for: an older backup?"
            " Nothing is appended to it."
        )
        self.stored = stored
        self.signed = signed


class Forked(JisuiError):
    """What is stored is not what was signed: another log, or a rewritten one."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"数据库与已签署的第 {size} 条检查点不符，拒绝写入。"
            f" The store is not the log that was signed for at {size} entries;"
            " nothing is appended to it."
        )
        self.size = size


async def stored_size(connection: AsyncConnection) -> int:
    """How many entries are numbered."""
    return await connection.scalar(select(func.max(entries.c.position))) or 0


async def leaf_hashes(
    connection: AsyncConnection, hashing: TreeHash, first: int, end: int
) -> list[bytes]:
    """The hashes of the leaves from `first` up to, not with, `end`; raise `Gap`."""
    position = entries.c.position
    query = (
        select(position, entries.c.canonical)
        .where(position > first, position <= end)
        .order_by(position)
    )
    rows = (await connection.execute(query)).all()
    for expected, row in enumerate(rows, first + 1):
        if row.position != expected:
            raise Gap(f"position {expected} is missing")
    if len(rows) != end - first:
        raise Gap(f"position {first + len(rows) + 1} is missing")
    return [hashing.leaf(row.canonical) for row in rows]


async def lay(database: Database, folder: LogFolder, size: int) -> None:
    """The tiles of the first `size` entries are on the disk when this returns.

    Raises `RolledBack` where more are there already, `Forked` where the last that is there is not
    the store's, `Gap`, or `FolderBusy`.
    """
    with folder.writing():
        tiles = await asyncio.to_thread(folder.open_tiles)
        if tiles.size > size:
            raise RolledBack(size, tiles.size)
        await _require_same_end(database, folder, tiles.size)
        while tiles.size < size:
            end = min(size, tiles.size + AT_ONCE)
            async with database.reading() as connection:
                arrived = await leaf_hashes(connection, folder.hashing, tiles.size, end)
            await asyncio.to_thread(tiles.extend, arrived)


async def _require_same_end(database: Database, folder: LogFolder, laid: int) -> None:
    # No two entries are alike: a store that lost some and went on has another one in this place.
    if laid == 0:
        return
    async with database.reading() as connection:
        (stored,) = await leaf_hashes(connection, folder.hashing, laid - 1, laid)
    if folder.tree(laid).node(0, laid - 1) != stored:
        raise Forked(laid)


def require_grown(folder: LogFolder, size: int, signed: Checkpoint | None) -> None:
    """Return where the laid tree of this size only grew from what was signed.

    Raises `RolledBack` or `Forked`.
    """
    if signed is None or signed.size == 0:
        return
    if signed.size > size:
        raise RolledBack(size, signed.size)
    same_hash = hashing_of(signed) == folder.hashing
    if not same_hash or folder.tree(signed.size).root() != signed.root:
        raise Forked(signed.size)
