"""The checks report each step, fail when one fails, and see what must not be in a file."""

import subprocess
from pathlib import Path

import pytest

from doors.checks import Step, report, steps
from doors.leaks import find_leaks, tracked

ROOT = Path(__file__).parents[2]


def test_all_steps_well_is_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert report([Step("first", lambda: (0, "unsaid")), Step("second", lambda: (0, ""))]) == 0
    out = capsys.readouterr().out
    assert "ok     first" in out
    assert "unsaid" not in out


def test_a_failing_step_is_exit_1_and_comes_last(capsys: pytest.CaptureFixture[str]) -> None:
    listed = [Step("bad", lambda: (2, "what is wrong")), Step("good", lambda: (0, ""))]
    assert report(listed) == 1
    out = capsys.readouterr().out
    assert out.index("good") < out.index("what is wrong")
    assert out.splitlines()[-1] == "check: FAILED: bad"


def test_a_program_that_fails_fails_its_step(tmp_path: Path) -> None:
    (tmp_path / "lib/python3.11/site-packages/compose").mkdir(parents=True)
    (tmp_path / "lib/python3.11/site-packages/compose/docker-compose").touch()
    (tmp_path / "bin").mkdir()
    lint = tmp_path / "bin" / "ruff"
    lint.write_text("#!/bin/sh\necho found something\nexit 7\n")
    lint.chmod(0o755)
    listed = {step.name: step for step in steps(ROOT, tmp_path / "bin")}
    assert listed["lint"].act() == (7, "found something\n")


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.md", "see pypi{}org for it", "a package registry"),
        ("a.md", "from mirrors{}example.cn", "a package registry"),
        ("Dockerfile", "FROM ghcr{}io/x", "a package registry"),
        ("a.py", 'PATH = "{}work{}main/x"', "a path of one machine"),
        ("a.py", 'PATH = "{}home{}li/x"', "a path of one machine"),
        ("a.pem", "-----BEGIN {}PRIVATE{}KEY-----", "a private key"),
        ("a.toml", "redis://user{}hunter2{}host/0", "a password in an address"),
        ("requirements/a.txt", "--index{}url x", "an index option"),
        ("requirements/a.txt", "x @ https{}//host/x", "an address"),
    ],
)
def test_what_must_not_be_in_a_file_is_found(
    tmp_path: Path, name: str, text: str, what: str
) -> None:
    fillers = {
        "a package registry": ("." * 2),
        "a path of one machine": "//",
        "a private key": ("", " "),
        "a password in an address": ":@",
        "an index option": "-",
        "an address": ":",
    }
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("fine\n" + text.format(*fillers[what]))
    assert find_leaks(tmp_path, [path]) == (1, f"{name}:2: {what}")


def test_ordinary_text_is_no_leak(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("http://127.0.0.1:8080/v1/work/1 var/work/x postgresql://u@host/db 工作/work\n")
    assert find_leaks(tmp_path, [path]) == (0, "")


def test_untracked_files_are_not_looked_at(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "in").touch()
    (tmp_path / "out").touch()
    subprocess.run(["git", "-C", tmp_path, "add", "in"], check=True)
    assert tracked(tmp_path) == [tmp_path / "in"]


def test_without_version_control_nothing_is_tracked(tmp_path: Path) -> None:
    assert tracked(tmp_path) == []
