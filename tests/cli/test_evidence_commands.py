"""Checkpoints and proofs from the command line hold for whoever has the public key alone."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.evidence.checkpoints import UNWITNESSED, Checkpoint, parse_checkpoint
from gateway.evidence.hashing import SHA256
from gateway.evidence.note_keys import parse_key, verify_signed
from gateway.evidence.notes import parse_note
from gateway.evidence.proofs import verify_inclusion
from tests.cli.conftest import Ended

Jisui = Callable[..., Ended]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store whose log has three entries, and its keys; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        use(folder, patched)
        for _ in range(3):
            with pytest.raises(SystemExit):
                main(["token", "--school", "3990000001"])
    return folder


@pytest.fixture
def store(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of such a store, beside a folder of keys."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    use(tmp_path, monkeypatch)
    return tmp_path / "jisui.db"


def use(folder: Path, patched: pytest.MonkeyPatch) -> None:
    patched.setenv("JISUI_DATABASE_URL", f"sqlite+aiosqlite:///{folder}/jisui.db")
    patched.setenv("JISUI_KEYS_FOLDER", str(folder / "keys"))


def test_a_checkpoint_is_signed_over_the_root_and_says_that_nobody_witnessed_it(
    jisui: Jisui, store: Path, tmp_path: Path
) -> None:
    code, printed, said = jisui("evidence", "checkpoint")
    note = parse_note(printed.encode())
    verify_signed(note, parse_key(said.split()[-1]))
    root = json.loads(jisui("evidence", "root", "--json")[1])
    signed = Checkpoint("jisui", 3, bytes.fromhex(root["root"]), (UNWITNESSED,))
    assert (code, parse_checkpoint(note.text)) == (0, signed)
    assert (tmp_path / "keys/evidence.key").stat().st_mode & 0o777 == 0o600


def test_the_same_log_is_signed_with_the_same_key_each_time(jisui: Jisui, store: Path) -> None:
    first = jisui("evidence", "checkpoint", "--json")
    assert jisui("evidence", "checkpoint", "--json") == first
    assert set(json.loads(first[1])) == {"size", "root", "checkpoint", "key"}


def test_every_entry_is_proven_under_the_root_of_the_checkpoint(jisui: Jisui, store: Path) -> None:
    checkpoint = json.loads(jisui("evidence", "checkpoint", "--json")[1])
    with sqlite3.connect(store) as opened:
        stored = opened.execute("SELECT position, canonical FROM entries ORDER BY position")
        leaves = [(position, SHA256.leaf(canonical)) for position, canonical in stored]
    opened.close()
    assert [position for position, _ in leaves] == [1, 2, 3]
    for position, leaf in leaves:
        code, printed, _ = jisui("evidence", "prove", position, "--json")
        proven = json.loads(printed)
        assert (code, proven["leaf"], proven["size"]) == (0, leaf.hex(), 3)
        proof = [bytes.fromhex(step) for step in proven["proof"]]
        root = bytes.fromhex(checkpoint["root"])
        verify_inclusion(SHA256, leaf, proven["index"], 3, proof, root)


def test_a_proof_for_people_has_the_tree_the_leaf_and_the_steps(jisui: Jisui, store: Path) -> None:
    proven = json.loads(jisui("evidence", "prove", 2, "--json")[1])
    lines = jisui("evidence", "prove", 2)[1].splitlines()
    assert lines[0] == f"1  3  {proven['root']}"
    assert lines[1:] == [proven["leaf"], *proven["proof"]]


def test_an_entry_that_is_not_there_is_not_proven(jisui: Jisui, store: Path) -> None:
    code, printed, said = jisui("evidence", "prove", 4)
    assert (code, printed) == (2, "")
    assert "tree of 3" in said
    assert jisui("evidence", "prove", 0)[0] == 2


def test_nothing_is_proven_or_signed_where_entries_are_missing(jisui: Jisui, store: Path) -> None:
    jisui("evidence", "root")
    with sqlite3.connect(store) as opened:
        opened.execute("DELETE FROM entries WHERE position = 2")
    opened.close()
    for command in (("prove", 3), ("checkpoint",)):
        code, printed, said = jisui("evidence", *command)
        assert (code, printed) == (1, "")
        assert "position 2" in said


def test_a_key_that_cannot_be_read_ends_with_3(jisui: Jisui, store: Path, tmp_path: Path) -> None:
    (tmp_path / "keys/evidence.key").write_text("nothing")
    code, printed, said = jisui("evidence", "checkpoint")
    assert (code, printed) == (3, "")
    assert "evidence.key" in said


def test_a_log_whose_name_cannot_sign_is_refused(
    jisui: Jisui, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISUI_EVIDENCE_LOG", "two words")
    code, printed, said = jisui("evidence", "checkpoint")
    assert (code, printed) == (2, "")
    assert "spaces" in said
