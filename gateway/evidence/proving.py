"""Proves from the store that an entry is in the log, in one reading and flat memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import streamed
from gateway.evidence.hashing import SHA256, TreeHash
from gateway.evidence.log import Gap
from gateway.evidence.merkle import Tree
from gateway.evidence.proofs import Range, inclusion_ranges, verify_inclusion
from gateway.evidence.tables import entries

_READ_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A leaf, the tree it is in, and the hashes that lead from one to the other."""

    index: int  # from 0, as in the tree; positions in the store count from 1
    size: int
    leaf_hash: bytes
    root: bytes
    proof: tuple[bytes, ...]


async def prove_entry(
    connection: AsyncConnection, position: int, hashing: TreeHash = SHA256
) -> Inclusion:
    """The proof for the entry at this position, verified; raise `Gap` or `NoSuchProof`."""
    size = await connection.scalar(select(func.max(entries.c.position))) or 0
    index = position - 1
    path = inclusion_ranges(index, size)
    root, roots = await _roots(connection, sorted([*path, (index, position)]), hashing)
    leaf_hash = roots[index, position]
    proof = tuple(roots[leaves] for leaves in path)
    verify_inclusion(hashing, leaf_hash, index, size, proof, root)
    return Inclusion(index, size, leaf_hash, root, proof)


async def _roots(
    connection: AsyncConnection, ranges: Sequence[Range], hashing: TreeHash
) -> tuple[bytes, dict[Range, bytes]]:
    """The root over all leaves and over each range; the ranges follow one another from the first.

    Raises `Gap` where a position is missing.
    """
    numbered = (
        select(entries.c.position, entries.c.canonical)
        .where(entries.c.position <= ranges[-1][1])
        .order_by(entries.c.position)
    )
    whole, parts = Tree(hashing), [Tree(hashing) for _ in ranges]
    part = 0
    async with streamed(connection, numbered, _READ_AT_ONCE) as rows:
        async for position, canonical in rows:
            if position != whole.size + 1:
                raise Gap(f"position {whole.size + 1} is missing")
            leaf_hash = hashing.leaf(canonical)
            part += position > ranges[part][1]
            whole.append_hash(leaf_hash)
            parts[part].append_hash(leaf_hash)
    roots = [tree.root() for tree in parts]
    return whole.root(), dict(zip(ranges, roots, strict=True))
