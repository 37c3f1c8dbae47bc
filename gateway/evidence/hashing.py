"""The hash of a log's tree: SHA-256, or SM3; chosen once for a log and never mixed within it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives import hashes

HASH_LENGTH = 32  # of either


class Algorithm(StrEnum):
    """The hashes a log may be built with."""

    SHA256 = "sha256"
    SM3 = "sm3"


@dataclass(frozen=True, slots=True)
class TreeHash:
    """What RFC 6962, section 2.1, hashes; the first byte keeps leaves and nodes apart."""

    algorithm: Algorithm
    digest: Callable[[bytes], bytes] = field(repr=False, compare=False)

    def empty(self) -> bytes:
        """The root over no leaves."""
        return self.digest(b"")

    def leaf(self, entry: bytes) -> bytes:
        """The hash of one leaf, given as the bytes it stands for."""
        return self.digest(b"\x00" + entry)

    def node(self, left: bytes, right: bytes) -> bytes:
        """The hash over two subtrees."""
        return self.digest(b"\x01" + left + right)


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _sm3(content: bytes) -> bytes:
    # Not hashlib: whether it has SM3 depends on how the system's OpenSSL was built.
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


SHA256 = TreeHash(Algorithm.SHA256, _sha256)
SM3 = TreeHash(Algorithm.SM3, _sm3)
