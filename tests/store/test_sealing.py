"""What is sealed opens under its own key and context only; equal values share a blind index."""

import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.database import Database, open_database
from gateway.sealing import (
    DataKey,
    Sealer,
    Unopenable,
    destroy_key,
    load_keys,
    store_keys,
)

FILE_KEY, INDEX_KEY = bytes(range(32)), bytes(range(32, 64))
NOW = datetime(2026, 9, 1, tzinfo=UTC)


def sealer() -> Sealer:
    return Sealer(FILE_KEY, INDEX_KEY)


def stored_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


@given(plain=st.binary(max_size=200), context=st.text(max_size=40))
def test_what_was_sealed_opens_again(plain: bytes, context: str) -> None:
    wrapped, key = sealer().new_key()
    sealed = key.seal(plain, context)
    assert key.open(sealed, context) == plain
    assert sealer().unwrap(wrapped).open(sealed, context) == plain


@given(position=st.integers(0, 39), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere_is_noticed(position: int, bit: int) -> None:
    key = DataKey(FILE_KEY)
    sealed = bytearray(key.seal(b"eleven char", "name"))
    assert len(sealed) == 40
    sealed[position] ^= 1 << bit
    with pytest.raises(Unopenable):
        key.open(bytes(sealed), "name")


@pytest.mark.parametrize("length", range(30))
def test_cut_bytes_are_noticed(length: int) -> None:
    key = DataKey(FILE_KEY)
    with pytest.raises(Unopenable):
        key.open(key.seal(b"eleven char", "name")[:length], "name")


def test_what_was_sealed_does_not_open_elsewhere() -> None:
    key, other = DataKey(FILE_KEY), DataKey(INDEX_KEY)
    sealed = key.seal(b"x", "name")
    for wrong_key, context in ((key, "document"), (other, "name")):
        with pytest.raises(Unopenable):
            wrong_key.open(sealed, context)


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    key = DataKey(FILE_KEY)
    assert len({key.seal(b"x", "name") for _ in range(1000)}) == 1000


def test_another_file_key_unwraps_nothing() -> None:
    wrapped, _ = sealer().new_key()
    with pytest.raises(Unopenable):
        Sealer(INDEX_KEY, INDEX_KEY).unwrap(wrapped)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(bytes(length), INDEX_KEY)
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(FILE_KEY, bytes(length))


def test_a_blind_index_is_a_keyed_hash_under_a_key_of_its_kind() -> None:
    kind_key = hmac.new(INDEX_KEY, b"document", hashlib.sha256).digest()
    expected = hmac.new(kind_key, b"999999201801010014", hashlib.sha256).hexdigest()[:32]
    assert sealer().index("document", "999999201801010014") == expected


def test_blind_indexes_differ_by_value_by_kind_and_by_key() -> None:
    there = Sealer(FILE_KEY, FILE_KEY)
    indexes = {
        sealer().index("document", "1"),
        sealer().index("document", "2"),
        sealer().index("number", "1"),
        there.index("document", "1"),
    }
    assert len(indexes) == 4


async def test_keys_are_kept_wrapped_and_loaded_by_id(database: Database) -> None:
    made = [sealer().new_key() for _ in range(3)]
    rows = [
        {"key_id": f"key-{place}", "wrapped": wrapped, "created_at": NOW}
        for place, (wrapped, _) in enumerate(made)
    ]
    async with database.transaction() as connection:
        await store_keys(connection, rows)
        await store_keys(connection, [])
    async with database.reading() as connection:
        loaded = await load_keys(connection, ["key-0", "key-2", "key-2", "missing"], sealer())
        many = await load_keys(connection, [f"key-{n}" for n in range(2500)], sealer())
    assert loaded.keys() == {"key-0", "key-2"}
    assert many.keys() == {"key-0", "key-1", "key-2"}
    assert loaded["key-2"].open(made[2][1].seal(b"x", "name"), "name") == b"x"


async def test_a_destroyed_key_is_gone_for_good(database: Database) -> None:
    wrapped, _ = sealer().new_key()
    async with database.transaction() as connection:
        await store_keys(connection, [{"key_id": "k", "wrapped": wrapped, "created_at": NOW}])
    async with database.transaction() as connection:
        assert await destroy_key(connection, "k", NOW)
        assert not await destroy_key(connection, "k", NOW)
    async with database.reading() as connection:
        assert await load_keys(connection, ["k"], sealer()) == {}


async def test_destroyed_keys_leave_no_bytes_in_the_file(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    store = open_database(migrated_sqlite_url)
    keys = {f"key-{place}": sealer().new_key()[0] for place in range(200)}
    rows = [{"key_id": name, "wrapped": key, "created_at": NOW} for name, key in keys.items()]
    async with store.transaction() as connection:
        await store_keys(connection, rows)
    await store.close()
    assert all(key in stored_bytes(tmp_path) for key in keys.values())
    async with store.transaction() as connection:
        for name in keys:
            await destroy_key(connection, name, NOW)
    await store.close()  # the last connection takes the write-ahead log into the file
    files = stored_bytes(tmp_path)
    assert not [name for name, key in keys.items() if key[-16:] in files or key[1:17] in files]


def test_no_key_shows_itself() -> None:
    shown = f"{DataKey(FILE_KEY)!r} {sealer()!r}"
    assert FILE_KEY.hex() not in shown
    assert repr(FILE_KEY) not in shown
