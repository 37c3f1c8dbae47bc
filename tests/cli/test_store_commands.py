"""The store from the command line: brought up, copied, filled again, and its evidence counted."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended

Jisui = Callable[..., Ended]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a store that does not exist yet, as the settings name it."""
    file = tmp_path / "made" / "jisui.db"
    monkeypatch.setenv("JISUI_DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    monkeypatch.setenv("JISUI_KEYS_FOLDER", str(tmp_path / "keys"))
    return file


def test_a_store_is_brought_to_the_newest_edition_and_stays_there(
    jisui: Jisui, store: Path
) -> None:
    code, printed, _ = jisui("migrate", "--json")
    assert code == 0
    assert json.loads(printed) == json.loads(jisui("migrate", "--json")[1])
    assert store.exists()


def test_what_was_backed_up_comes_back_in_another_store(
    jisui: Jisui, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jisui("migrate")
    assert jisui("token", "--school", "3990000001", "--json")[0] == 0
    root = json.loads(jisui("evidence", "root", "--json")[1])
    assert root["size"] == 1
    code, printed, _ = jisui("backup", tmp_path / "copy", "--json")
    assert (code, json.loads(printed)["evidence"]) == (0, root)
    assert json.loads(jisui("evidence", "root", "--json")[1])["size"] == 2  # it is on record

    monkeypatch.setenv("JISUI_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/other/jisui.db")
    code, printed, _ = jisui("restore", tmp_path / "copy", "--json")
    assert (code, json.loads(printed)["evidence"]) == (0, root)
    assert json.loads(jisui("evidence", "root", "--json")[1]) == root
    code, printed, said = jisui("restore", tmp_path / "copy")
    assert (code, printed) == (2, "")
    assert "not empty" in said


def test_a_backup_goes_into_a_new_folder_only(jisui: Jisui, store: Path, tmp_path: Path) -> None:
    jisui("migrate")
    code, printed, said = jisui("backup", tmp_path)
    assert (code, printed) == (2, "")
    assert "exists" in said


def test_missing_entries_end_with_1(jisui: Jisui, store: Path) -> None:
    for _ in range(2):
        jisui("token", "--school", "3990000001")
    assert jisui("evidence", "root")[0] == 0
    with sqlite3.connect(store) as opened:
        opened.execute("DELETE FROM entries WHERE position = 1")
    opened.close()
    code, printed, said = jisui("evidence", "root", "--json")
    assert (code, printed) == (1, "")
    assert "position 1" in said


def test_a_store_that_cannot_be_reached_ends_with_3_and_tells_no_address(
    jisui: Jisui, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "postgresql+asyncpg://somebody:secret-canary@127.0.0.1:9/nowhere"
    monkeypatch.setenv("JISUI_DATABASE_URL", address)
    code, printed, said = jisui("migrate", "--json")
    assert (code, printed) == (3, "")
    assert "database_url" in said
    assert "canary" not in said


def test_keys_that_are_lost_end_with_3(jisui: Jisui, store: Path, tmp_path: Path) -> None:
    jisui("token", "--school", "3990000001")
    (tmp_path / "keys" / "index.key").unlink()
    code, printed, said = jisui("evidence", "root")
    assert (code, printed) == (3, "")
    assert "index.key" in said


def test_a_setting_nobody_knows_ends_with_2(
    jisui: Jisui, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISUI_TOKEN", "secret-canary")
    code, printed, said = jisui("migrate")
    assert (code, printed) == (2, "")
    assert "JISUI_TOKEN" in said
    assert "canary" not in said


def test_a_system_nobody_registered_is_refused(
    jisui: Jisui, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISUI_SYSTEMS__ELSEWHERE__URL", "http://127.0.0.1:9")
    code, printed, said = jisui("work")
    assert (code, printed) == (2, "")
    assert "systems.elsewhere" in said


@pytest.mark.parametrize("content", [None, b"", b"two\x00words", b"\xff"])
def test_a_licence_that_cannot_be_one_is_refused_and_not_shown(
    jisui: Jisui,
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes | None,
) -> None:
    file = tmp_path / "licence"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("JISUI_SYSTEMS__POPULATION__LICENCE_FILE", str(file))
    code, printed, said = jisui("work")
    assert (code, printed) == (2, "")
    assert "systems.population" in said
    assert "words" not in said


def test_a_lane_that_stopped_over_our_entitlement_opens_at_an_operators_word(
    jisui: Jisui, store: Path
) -> None:
    assert jisui("migrate")[0] == 0
    with sqlite3.connect(store) as opened:
        lane = ("population", "", "not_entitled", "-53", 0, 0, None, None)
        opened.execute("INSERT INTO lanes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", lane)
    opened.close()
    told = json.loads(jisui("lanes", "list", "--json")[1])["population"]
    assert (told["state"], told["reason"], told["code"]) == ("stopped", "not_entitled", "-53")
    code, _, said = jisui("lanes", "resume", "population")
    assert code == 2
    assert "about so many calls" in said
    assert jisui("lanes", "resume", "population", "--yes")[0] == 0
    assert json.loads(jisui("lanes", "--json")[1])["population"]["state"] == "open"
    assert jisui("lanes", "resume", "population", "--yes")[0] == 1


def test_an_operator_stops_a_lane_and_no_number_is_kept_of_why(jisui: Jisui, store: Path) -> None:
    assert jisui("migrate")[0] == 0
    why = "看 999999201811110011"
    assert jisui("lanes", "stop", "population", "--reason", why)[0] == 0
    assert jisui("lanes", "stop", "population", "--reason", why)[0] == 1
    told = json.loads(jisui("lanes", "--json")[1])["population"]
    assert (told["state"], told["reason"], told["code"]) == ("stopped", "stopped", "看 ***")
    assert "停止" in jisui("lanes")[1]
    assert jisui("lanes", "stop", "nobody", "--reason", why)[0] == 2
