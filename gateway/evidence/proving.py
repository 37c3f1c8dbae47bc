"""Proves from the tiles that an entry is in the log, and that the log only grew."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.laying import leaf_hashes
from gateway.evidence.proofs import (
    NoSuchProof,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from gateway.evidence.tiles import TiledTree


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A leaf, the tree it is in, and the hashes that lead from one to the other."""

    index: int  # from 0, as in the tree; positions in the store count from 1
    size: int
    leaf_hash: bytes
    root: bytes
    proof: tuple[bytes, ...]


async def prove_entry(connection: AsyncConnection, tree: TiledTree, position: int) -> Inclusion:
    """The proof for the entry at this position as the store has it, verified.

    Raises `NoSuchProof` outside the tree, `Gap` where the entry is missing, and `InvalidProof`
    where it is not the one that was laid.
    """
    index, root = position - 1, tree.root()
    if not 0 <= index < tree.size:
        raise NoSuchProof(f"no entry {position} in a tree of {tree.size}")
    (leaf_hash,) = await leaf_hashes(connection, tree.hashing, index, position)
    proof = tuple(prove_inclusion(tree.hashing, tree.node, index, tree.size))
    verify_inclusion(tree.hashing, leaf_hash, index, tree.size, proof, root)
    return Inclusion(index, tree.size, leaf_hash, root, proof)


def prove_growth(tree: TiledTree, before: TiledTree) -> tuple[bytes, ...]:
    """The proof that the tree grew from the smaller one; raise `NoSuchProof` or `InvalidProof`."""
    proof = tuple(prove_consistency(tree.hashing, tree.node, before.size, tree.size))
    verify_consistency(tree.hashing, before.size, tree.size, proof, before.root(), tree.root())
    return proof
