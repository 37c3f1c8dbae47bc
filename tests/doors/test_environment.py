"""The environment is made once, made anew when it must be, and its failures say what helps."""

import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from doors import environment
from doors.environment import LEVELS, Level, digest, ensure, keep_bytecode, satisfied
from doors.failures import NotReady, remedy
from doors.packages import pinned
from doors.progress import Progress

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder with a space in its name, whose environment looks complete."""
    root = tmp_path / "a project"
    (root / "requirements").mkdir(parents=True)
    for level in LEVELS:
        (root / "requirements" / f"{level}.txt").write_text(f"{level}==1\n")
    (root / "pyproject.toml").write_text("[build-system]\n[project]\nname = 'x'\n")
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (root / ".venv" / "bin" / "pip").write_text(f"#!{root}/.venv/bin/python\n")
    (root / ".venv" / "jisui.json").write_text(
        json.dumps({level: digest(root, level) for level in LEVELS[:2]})
    )
    return root


def test_what_is_installed_is_not_installed_again(project: Path) -> None:
    stream = io.StringIO()
    assert ensure(project, "runtime", stream) == project / ".venv" / "bin"
    assert ensure(project, "test", stream) == project / ".venv" / "bin"
    assert stream.getvalue() == ""


def test_compiled_code_is_kept_in_the_environment(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")
    keep_bytecode(project)
    (project / "counting.py").write_text("ONE = 1\n")
    subprocess.run([sys.executable, "-c", "import counting"], cwd=project, check=True)
    assert list((project / ".venv" / "bytecode").rglob("counting.*.pyc"))
    assert not list(project.glob("__pycache__"))


def test_a_level_never_installed_is_missing(project: Path) -> None:
    assert not satisfied(project, "dev")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "requirements" / "runtime.txt").write_text("runtime==2\n"),
        lambda root: (root / "pyproject.toml").write_text("[build-system]\n[project]\nname='y'\n"),
        lambda root: (root / ".venv" / "unfinished").touch(),
        lambda root: (root / ".venv" / "bin" / "python").unlink(),
        lambda root: (root / ".venv" / "jisui.json").write_text('{"runtime": '),
        lambda root: (root / ".venv" / "jisui.json").unlink(),
    ],
    ids=["requirements", "project", "interrupted", "no python", "torn", "not written down"],
)
def test_the_environment_is_out_of_date_after_a_change(project: Path, change: object) -> None:
    assert satisfied(project, "runtime")
    change(project)  # type: ignore[operator]
    assert not satisfied(project, "runtime")


def test_a_change_of_the_tools_settings_installs_nothing(project: Path) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write("[tool.ruff]\nline-length = 90\n")
    assert satisfied(project, "runtime")


def test_a_moved_project_needs_a_new_environment(project: Path) -> None:
    moved = project.rename(project.parent / "elsewhere")
    assert not satisfied(moved, "runtime")
    assert not environment._usable(moved / ".venv")


def test_an_interrupted_installation_is_started_anew(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "requirements" / "runtime.txt").write_text("runtime==2\n")
    leftover = project / ".venv" / "half-a-package"

    def interrupted(root: Path, *_: object) -> None:
        leftover.touch()
        raise KeyboardInterrupt

    def populate(venv: Path) -> None:
        assert not leftover.exists()
        (venv / "bin").mkdir()
        (venv / "bin" / "python").symlink_to(sys.executable)

    monkeypatch.setattr(environment, "_populate", populate)
    monkeypatch.setattr(environment, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ensure(project, "runtime", io.StringIO())
    monkeypatch.setattr(environment, "install", lambda *_: None)
    assert not satisfied(project, "runtime")
    ensure(project, "runtime", io.StringIO())
    assert satisfied(project, "runtime")


def test_without_venv_the_message_names_the_package_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".venv" / "unfinished").touch()
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotReady, match="python3-venv"):
        ensure(project, "runtime", io.StringIO())


def test_without_a_package_index_pip_says_so_and_the_door_exits_with_3(tmp_path: Path) -> None:
    root = tmp_path / "a project"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "runtime.txt").write_text(f"nowhere==1 --hash=sha256:{'0' * 64}\n")
    (root / "pyproject.toml").write_text("[build-system]\n[project]\nname = 'x'\n")
    for name in ("doors", "run"):
        (root / name).symlink_to(ROOT / name)
    (root / "doors").unlink()
    (root / "doors").mkdir()
    for path in (ROOT / "doors").glob("*.*"):
        (root / "doors" / path.name).write_bytes(path.read_bytes())
    done = subprocess.run(
        [root / "run", "--once", "--json"],
        capture_output=True,
        text=True,
        cwd="/",
        env={**os.environ, "PIP_NO_INDEX": "1", "HOME": "/nowhere", "LC_ALL": "C"},
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert "package index" in done.stderr
    assert not satisfied(root, "runtime")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "differs from its recorded hash"),
        ("Retrying after connection broken by 'NewConnectionError'", "cannot reach"),
        ("ERROR: No matching distribution found for x", "package index"),
        ("anything else", "could not be made"),
    ],
)
def test_each_failure_has_a_remedy(said: str, words: str) -> None:
    assert words in remedy(said)


def test_plain_progress_is_a_few_lines() -> None:
    stream = io.StringIO()
    progress = Progress(stream, total=200)
    for step in range(201):
        progress.reach(step, "name")
    progress.reach(10, "never back")
    progress.close()
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["0%", "20%", "40%", "60%", "80%", "100%"]


def test_on_a_terminal_progress_is_one_line_redrawn() -> None:
    stream = Terminal()
    progress = Progress(stream, total=4)
    progress.reach(2, "half")
    progress.reach(4, "all")
    progress.close()
    assert stream.getvalue().count("\n") == 1
    assert " 50%  half" in stream.getvalue()
    assert "100%  all" in stream.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("lower", "upper"), [("runtime", "test"), ("test", "dev")])
def test_each_level_pins_what_the_levels_below_it_pin(lower: Level, upper: Level) -> None:
    assert lines(lower) <= lines(upper)


def lines(level: Level) -> set[str]:
    text = (ROOT / "requirements" / f"{level}.txt").read_text()
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith(" ")]
    assert len(pins) == len(pinned(text)) > 50
    return {line.removesuffix(" \\") for line in pins}


@pytest.mark.parametrize("level", LEVELS)
def test_every_pin_has_a_hash(level: Level) -> None:
    text = (ROOT / "requirements" / f"{level}.txt").read_text().splitlines()
    without = [pin for pin, below in pairwise(text) if "==" in pin and "--hash=" not in below]
    assert without == []
