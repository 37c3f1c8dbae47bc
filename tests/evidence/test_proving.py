"""Whatever the length of the log, each of its entries is proven from the store."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from gateway.database import open_database
from gateway.evidence import Gap
from gateway.evidence.hashing import SHA256, SM3, TreeHash
from gateway.evidence.proofs import NoSuchProof, prove_inclusion
from gateway.evidence.proving import prove_entry
from gateway.evidence.tables import entries
from tests.evidence.trees import defined_root, nodes_of


@pytest.mark.parametrize("hashing", [SHA256, SM3], ids=["sha256", "sm3"])
async def test_the_proofs_from_the_store_are_those_of_the_tree(
    hashing: TreeHash, tmp_path: Path
) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/jisui.db")
    hashes: list[bytes] = []
    async with database.transaction() as connection:
        await connection.run_sync(entries.create)
        for size in range(1, 20):
            row = {"entry_id": str(size), "canonical": b"%d" % size, "position": size}
            await connection.execute(entries.insert(), [row])
            hashes.append(hashing.leaf(b"%d" % size))
            for index in range(size):
                proven = await prove_entry(connection, index + 1, hashing)
                expected = prove_inclusion(hashing, nodes_of(hashing, hashes), index, size)
                assert (proven.index, proven.size, proven.leaf_hash) == (index, size, hashes[index])
                assert (proven.root, list(proven.proof)) == (
                    defined_root(hashing, hashes),
                    expected,
                )
        with pytest.raises(NoSuchProof):
            await prove_entry(connection, 20, hashing)
        await connection.execute(delete(entries).where(entries.c.position == 1))
        with pytest.raises(Gap, match="position 1 "):
            await prove_entry(connection, 7, hashing)
    await database.close()
