"""Personal data at rest: sealed under each child's own key, found again through blind indexes.

Every child has a data key, stored wrapped by the file key. Erasing a child is destroying that one
row's key: whatever was sealed under it, here or in a log, can then be read by nobody. A backup
older than the erasure still holds the key, so how long backups are kept is part of the promise.
"""

import hmac
import os
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, ColumnElement, Exists, LargeBinary, String, Table, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.errors import JisuiError
from gateway.database import Instant, metadata

KEY_LENGTH = 32
_NONCE_LENGTH = 12
_AES_256_GCM = b"\x01"
_WRAPPING = "data key"
_IDS_AT_ONCE = 1000

data_keys = Table(
    "data_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("wrapped", LargeBinary),  # null once destroyed
    Column("created_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
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
        self._kind_keys: dict[str, bytes] = {}

    def new_key(self) -> tuple[bytes, DataKey]:
        """A fresh data key: wrapped, to be stored, and usable."""
        key = secrets.token_bytes(KEY_LENGTH)
        return self._file_key.seal(key, _WRAPPING), DataKey(key)

    def unwrap(self, wrapped: bytes) -> DataKey:
        """The usable key, or raise `Unopenable` where another file key wrapped it."""
        return DataKey(self._file_key.open(wrapped, _WRAPPING))

    def index(self, kind: str, value: str) -> str:
        """32 hexadecimal digits that equal values of one kind share, and that tell nothing else."""
        return hmac.digest(self._kind_key(kind), value.encode(), "sha256").hex()[:32]

    def _kind_key(self, kind: str) -> bytes:
        if kind not in self._kind_keys:
            self._kind_keys[kind] = hmac.digest(self._index_key, kind.encode(), "sha256")
        return self._kind_keys[kind]


async def store_keys(connection: AsyncConnection, rows: Sequence[KeyRow]) -> None:
    """Keep wrapped data keys, each under its id."""
    if rows:
        await connection.execute(data_keys.insert(), rows)


async def load_keys(
    connection: AsyncConnection, key_ids: Collection[str], sealer: Sealer
) -> dict[str, DataKey]:
    """The usable keys by id; a key that was destroyed or never stored is absent."""
    wanted = sorted(set(key_ids))
    keys: dict[str, DataKey] = {}
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        some = data_keys.c.key_id.in_(wanted[start : start + _IDS_AT_ONCE])
        kept = select(data_keys.c.key_id, data_keys.c.wrapped).where(some)
        for row in await connection.execute(kept.where(data_keys.c.wrapped.is_not(None))):
            keys[row.key_id] = sealer.unwrap(row.wrapped)
    return keys


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


def _of_full_length(key: bytes) -> bytes:
    if len(key) != KEY_LENGTH:
        raise ValueError(f"a key has {KEY_LENGTH} bytes")
    return key
