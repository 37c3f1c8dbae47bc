"""Whatever the length of the log, each of its entries is proven, and that it only grew."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from gateway.clock import VirtualClock
from gateway.database import open_database
from gateway.evidence import Gap
from gateway.evidence.hashing import SHA256, SM3, TreeHash
from gateway.evidence.proofs import InvalidProof, NoSuchProof, prove_consistency, prove_inclusion
from gateway.evidence.proving import prove_entry, prove_growth
from gateway.evidence.tables import entries
from tests.evidence.logs import NOW, Installation
from tests.evidence.trees import defined_root, nodes_of


@pytest.fixture
async def log(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    database = open_database(migrated_sqlite_url)
    yield Installation(database, tmp_path / "evidence", VirtualClock(NOW))
    await database.close()


async def hashes_of(log: Installation, size: int) -> list[bytes]:
    async with log.database.reading() as connection:
        found = entries.select().where(entries.c.position <= size).order_by(entries.c.position)
        return [log.hashing.leaf(row.canonical) for row in await connection.execute(found)]


@pytest.mark.parametrize("hashing", [SHA256, SM3], ids=["sha256", "sm3"])
async def test_the_proofs_are_those_of_the_tree(log: Installation, hashing: TreeHash) -> None:
    log.hashing = hashing
    for before, size in pairwise((0, 1, 2, 3, 7, 8, 300)):
        await log.append(size - before)
        await log.lead()
        tree, hashes = log.folder.tree(size), await hashes_of(log, size)
        nodes, root = nodes_of(hashing, hashes), defined_root(hashing, hashes)
        async with log.database.reading() as connection:
            for index in {0, size // 2, size - 1}:
                proven = await prove_entry(connection, tree, index + 1)
                assert (proven.index, proven.size, proven.leaf_hash) == (index, size, hashes[index])
                assert proven.root == root
                assert list(proven.proof) == prove_inclusion(hashing, nodes, index, size)
            with pytest.raises(NoSuchProof):
                await prove_entry(connection, tree, size + 1)
    for old in (1, 7, 256, 300):
        grown = prove_growth(log.folder.tree(300), log.folder.tree(old))
        assert list(grown) == prove_consistency(hashing, nodes, old, 300)


async def test_what_is_not_the_entry_that_was_laid_is_not_proven(log: Installation) -> None:
    await log.append(20)
    await log.lead()
    tree = log.folder.tree(20)
    async with log.database.transaction() as connection:
        at = entries.c.position
        await connection.execute(update(entries).where(at == 7).values(canonical=b"another"))
        await connection.execute(delete(entries).where(at == 8))
        await prove_entry(connection, tree, 6)
        with pytest.raises(InvalidProof):
            await prove_entry(connection, tree, 7)
        with pytest.raises(Gap, match="position 8 "):
            await prove_entry(connection, tree, 8)
