"""Personal data at rest: sealed under each child's own key, found again through blind indexes.

Every child has a data key, stored wrapped by the file key. Erasing a child is destroying that one
row's key: whatever was sealed under it, here or in a log, can then be read by nobody. A backup
older than the erasure still holds the key, so how long backups are kept is part of the promise.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, ColumnElement, Exists, LargeBinary, String, Table, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.among import among, parameter
from gateway.database import Instant, metadata
from gateway.rows import write_rows

if TYPE_CHECKING:
    from hashlib import _Hash as Hash  # the class has no public name

KEY_LENGTH = 32
_NONCE_LENGTH = 12
_AES_256_GCM = b"\x01"
_WRAPPING = "data key"
_HMAC_PADS = (0x36, 0x5C)  # RFC 2104

data_keys = Table(
    "data_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("wrapped", LargeBinary),  # null once destroyed
    Column("created_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
)
_STORE = data_keys.insert()
_LOAD = select(data_keys.c.key_id, data_keys.c.wrapped).where(
    among(data_keys.c.key_id, parameter("key_ids")), data_keys.c.wrapped.is_not(None)
)


class KeyRow(TypedDict):
    """A data key on its way into the store."""

    key_id: str
    wrapped: bytes
    created_at: datetime


class Unopenable(JisuiError):
    """Sealed bytes that this key does not open in this context: changed, moved or another's."""


class DataKey:
    """Seals and opens what belongs to one child."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_of_full_length(key))

    def seal(self, plain: bytes, context: str) -> bytes:
        """The text sealed: it opens only with this key and under this very context."""
        # Nonces come from the operating system always: a repeated one would give the key away.
        nonce = os.urandom(_NONCE_LENGTH)
        return _AES_256_GCM + nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """The text that was sealed under this context, or raise `Unopenable`."""
        nonce, body = sealed[1 : 1 + _NONCE_LENGTH], sealed[1 + _NONCE_LENGTH :]
        if sealed[:1] != _AES_256_GCM:
            raise Unopenable("unknown algorithm")
        try:
            return self._cipher.decrypt(nonce, body, context.encode())
        except (InvalidTag, ValueError):
            raise Unopenable("wrong key, wrong context or changed bytes") from None


class Sealer:
    """Makes data keys, wraps and unwraps them, and gives the blind index of a value."""

    def __init__(self, file_key: bytes, index_key: bytes) -> None:
        """Take two independent secret keys of 32 bytes each."""
        self._file_key = DataKey(file_key)
        self._index_key = _of_full_length(index_key)
        self._keyed: dict[str, tuple[Hash, Hash]] = {}

    def new_key(self) -> tuple[bytes, DataKey]:
        """A fresh data key: wrapped, to be stored, and usable."""
        key = secrets.token_bytes(KEY_LENGTH)
        return self._file_key.seal(key, _WRAPPING), DataKey(key)

    def unwrap(self, wrapped: bytes) -> DataKey:
        """The usable key, or raise `Unopenable` where another file key wrapped it."""
        return DataKey(self._file_key.open(wrapped, _WRAPPING))

    def index(self, kind: str, value: str) -> str:
        """32 hexadecimal digits that equal values of one kind share, and that tell nothing else."""
        keyed = self._keyed.get(kind) or self._prepare(kind)
        inner, outer = keyed[0].copy(), keyed[1].copy()
        inner.update(value.encode())
        outer.update(inner.digest())
        return outer.hexdigest()[:32]

    def _prepare(self, kind: str) -> "tuple[Hash, Hash]":
        key = hmac.digest(self._index_key, kind.encode(), "sha256")
        prepared = self._keyed[kind] = _prepared(key)
        return prepared


async def store_keys(connection: AsyncConnection, rows: Sequence[KeyRow]) -> None:
    """Keep wrapped data keys, each under its id."""
    await write_rows(connection, _STORE, rows)


async def load_keys(
    connection: AsyncConnection, key_ids: Collection[str], sealer: Sealer
) -> dict[str, DataKey]:
    """The usable keys by id; a key that was destroyed or never stored is absent."""
    kept = await connection.execute(_LOAD, {"key_ids": sorted(set(key_ids))})
    return {row.key_id: sealer.unwrap(row.wrapped) for row in kept}


def unerased(key_id: ColumnElement[str]) -> Exists:
    """The condition that the child with this data key was not erased."""
    return exists().where(data_keys.c.key_id == key_id, data_keys.c.wrapped.is_not(None))


async def destroy_key(connection: AsyncConnection, key_id: str, at: datetime) -> bool:
    """Erase a child: forget its data key for good; False where that was done before."""
    destroyed = await connection.execute(
        data_keys.update()
        .where(data_keys.c.key_id == key_id, data_keys.c.wrapped.is_not(None))
        .values(wrapped=None, destroyed_at=at)
    )
    return destroyed.rowcount == 1


def _prepared(key: bytes) -> "tuple[Hash, Hash]":
    """The two hashes of HMAC with SHA-256, the key already in them: copied, they save half of it.

    Preparing the key anew is what a one-shot HMAC of a short value spends its time on.
    """
    whole = key.ljust(hashlib.sha256().block_size, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in whole) for pad in _HMAC_PADS)
    return hashlib.sha256(inner), hashlib.sha256(outer)


def _of_full_length(key: bytes) -> bytes:
    if len(key) != KEY_LENGTH:
        raise ValueError(f"a key has {KEY_LENGTH} bytes")
    return key
