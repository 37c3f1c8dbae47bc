"""The digest of a school's children, as the gateway computes it: one root over 256 buckets.

A child lies in the bucket its name's first two digits say, so that one child more or less changes
one bucket alone. Buckets and root are trees of RFC 6962 over SHA-256.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

BUCKETS = tuple(f"{place:02x}" for place in range(256))
Leaf = tuple[str, int, str]
"""A child's name, its last version and its status."""


def buckets_of(leaves: Iterable[Leaf]) -> dict[str, list[Leaf]]:
    """The leaves in their buckets, each sorted by name; empty buckets are left out."""
    sorted_into: dict[str, list[Leaf]] = {}
    for leaf in sorted(leaves):
        sorted_into.setdefault(leaf[0][:2], []).append(leaf)
    return sorted_into


def bucket_hashes(leaves: Iterable[Leaf]) -> list[str]:
    """The hash of every bucket, in order."""
    sorted_into = buckets_of(leaves)
    return [
        tree([leaf_bytes(leaf) for leaf in sorted_into.get(name, ())]).hex() for name in BUCKETS
    ]


def root_of(hashes: Sequence[str]) -> str:
    """The digest of a school whose buckets have these hashes."""
    return tree([bytes.fromhex(bucket) for bucket in hashes]).hex()


def leaf_bytes(leaf: Leaf) -> bytes:
    """What is hashed of a child."""
    name, version, status = leaf
    return f"{name} {version} {status}".encode()


def tree(leaves: Sequence[bytes]) -> bytes:
    """The root of RFC 6962, section 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + tree(leaves[:half]) + tree(leaves[half:])).digest()
