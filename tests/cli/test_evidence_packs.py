"""Evidence is handed out by two persons, verified by anybody, and searched on record."""

import csv
import getpass
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended

Jisui = Callable[..., Ended]
ORDER = ("--approval", "文号一", "--approver", "li")


@pytest.fixture
def store(migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store without an entry, beside a folder of keys."""
    shutil.copyfile(migrated_sqlite, tmp_path / "jisui.db")
    monkeypatch.setenv("JISUI_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/jisui.db")
    monkeypatch.setenv("JISUI_KEYS_FOLDER", str(tmp_path / "keys"))
    return tmp_path


def test_a_pack_is_verified_with_python_and_the_published_key_alone(
    jisui: Jisui, store: Path
) -> None:
    for case in ("案-1", "案-2"):
        jisui("evidence", "hold", "place", "--case", case, *ORDER)
    key = json.loads(jisui("evidence", "checkpoint", "--json")[1])["key"]
    code, printed, _ = jisui("evidence", "pack", "pack.zip", "--approver", "li", "--json")
    assert (code, json.loads(printed)["count"]) == (0, 2)
    with zipfile.ZipFile(store / "pack.zip") as pack:
        pack.extractall(store / "empty")
    verified = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "--key", key],
        cwd=store / "empty",
        capture_output=True,
        encoding="utf-8",
        env={},
        check=False,
    )
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.splitlines()[-1] == "通过 · passed"
    page = (store / "empty/说明.html").read_text("utf-8")
    assert "2 条（按条目编号 选取）" in page


def test_nobody_hands_evidence_out_alone(jisui: Jisui, store: Path) -> None:
    jisui("evidence", "hold", "place", "--all", *ORDER)
    for approver in ("", getpass.getuser()):
        code, _, said = jisui("evidence", "pack", "pack.zip", "--approver", approver)
        assert code == 2
        assert "somebody else" in said
    assert not list(store.glob("pack*"))


def test_handing_out_is_on_record_with_what_was_handed_out(jisui: Jisui, store: Path) -> None:
    jisui("evidence", "hold", "place", "--all", *ORDER)
    told = json.loads(jisui("evidence", "pack", "p.zip", "--approver", "li", "--json")[1])
    found = jisui("evidence", "search", "--action", "evidence.exported", "--json")
    (entry,) = json.loads(found[1])["entries"]
    assert (entry["approver"], entry["content"]["sha256"]) == ("li", told["sha256"])


def test_a_search_that_finds_nothing_ends_with_1_and_is_on_record(
    jisui: Jisui, store: Path
) -> None:
    assert jisui("evidence", "search", "--case", "案-9")[:2] == (1, "没有 · none\n")
    code, printed, _ = jisui("evidence", "search", "--outcome", "nothing", "--json")
    (entry,) = json.loads(printed)["entries"]
    assert (code, entry["content"]["case"], entry["user"]) == (0, "案-9", getpass.getuser())


def test_a_childs_number_is_read_where_no_process_list_shows_it(
    jisui: Jisui, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("999999201801010014\n"))
    assert jisui("evidence", "search", "--child")[0] == 1
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    code, _, said = jisui("evidence", "pack", "p.zip", "--child", "--approver", "li")
    assert (code, "no number" in said) == (2, True)
    code, _, said = jisui("evidence", "search", "--child", "--case", "x")
    assert (code, "one of them" in said) == (2, True)


def test_a_pack_of_nothing_is_refused(jisui: Jisui, store: Path) -> None:
    jisui("evidence", "hold", "place", "--all", *ORDER)
    for chosen in (("--case", "案-9"), ("--from", 2), ("--child-ref", "0" * 32)):
        code, _, said = jisui("evidence", "pack", "p.zip", "--approver", "li", *chosen)
        assert (code, "no entry" in said) == (2, True)


def test_a_hold_is_listed_until_it_is_released(jisui: Jisui, store: Path) -> None:
    placed = jisui("evidence", "hold", "place", "--case", "案-1", *ORDER, "--json")
    hold_id = json.loads(placed[1])["hold_id"]
    assert hold_id in jisui("evidence", "hold", "list")[1]
    assert jisui("evidence", "hold", "release", hold_id, *ORDER)[0] == 0
    assert jisui("evidence", "hold", "list")[1] == "没有 · none\n"
    assert hold_id in jisui("evidence", "hold", "list", "--all")[1]
    assert jisui("evidence", "hold", "release", hold_id, *ORDER)[0] == 2


def test_an_incident_and_a_year_are_told_from_the_evidence(jisui: Jisui, store: Path) -> None:
    jisui("evidence", "hold", "place", "--all", *ORDER)
    span = ("--from", "2000-01-01", "--to", "2999-01-01")
    code, printed, _ = jisui("evidence", "incident", *span, "--json")
    told = json.loads(printed)
    assert (code, told["entries"], told["children"]) == (0, 1, [])
    assert jisui("evidence", "incident", *span, "--caller", "nobody")[0] == 1
    year = told["recipients"][0]["first_at"][:4]
    assert jisui("evidence", "export", "year.csv", "--year", year)[0] == 0
    sheet = (store / "year.csv").read_text("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(sheet)))
    assert {"hold.placed", "evidence.searched"} <= {line["行为"] for line in lines}
    (placed,) = [line for line in lines if line["行为"] == "hold.placed"]
    assert (placed["次数"], placed["其中经他人批准"]) == ("1", "1")
