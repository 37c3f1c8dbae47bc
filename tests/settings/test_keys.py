"""The keys are made once, by one process, for their owner alone, and never beside old ones."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from gateway.keys import NAMES, Keys, KeysMissing, open_keys, open_lone_key


def test_keys_are_made_once_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "keys"
    first = open_keys(folder, create=True)
    assert open_keys(folder, create=True) == first == open_keys(folder, create=False)
    assert len({first.file, first.index, first.token}) == 3
    assert {len(first.file), len(first.index), len(first.token)} == {32}


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    open_keys(tmp_path / "keys", create=True)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert modes == {0o600}


def test_without_leave_to_make_them_they_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"file\.key"):
        open_keys(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_key_is_not_replaced(tmp_path: Path, name: str) -> None:
    open_keys(tmp_path, create=True)
    (tmp_path / f"{name}.key").unlink()
    with pytest.raises(KeysMissing, match=name):
        open_keys(tmp_path, create=True)
    assert not (tmp_path / f"{name}.key").exists()


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32, "０" * 64])
def test_a_key_of_another_shape_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    open_keys(tmp_path, create=True)
    (tmp_path / "token.key").write_text(text)
    with pytest.raises(KeysMissing) as refusal:
        open_keys(tmp_path, create=True)
    assert not text or text not in str(refusal.value)


def test_keys_are_in_no_repr() -> None:
    assert repr(Keys(b"canary", b"canary", b"canary")) == "Keys()"


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(made, [tmp_path / "keys"] * 8))
    assert len(set(found)) == 1


def made(folder: Path) -> bytes:
    return open_keys(folder, create=True).file


def test_a_lone_key_is_made_with_leave_only_and_found_again(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"evidence\.key"):
        open_lone_key(tmp_path, "evidence", create=False)
    made = open_lone_key(tmp_path, "evidence", create=True)
    assert open_lone_key(tmp_path, "evidence", create=False) == made
    assert open_lone_key(tmp_path, "evidence", create=True) == made
    assert (tmp_path / "evidence.key").stat().st_mode & 0o777 == 0o600
