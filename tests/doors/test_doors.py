"""The doors open from anywhere, hand on their arguments and give their exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from doors.environment import satisfied

ROOT = Path(__file__).parents[2]


def opened(*command: str | Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.xdist_group("doors")  # they may install
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("tests/doors/test_checks.py", "-n0", "-k", "exit_0"), 0), (("tests/nowhere.py", "-n0"), 4)],
)
def test_the_suite_runs_in_the_projects_environment_from_anywhere(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = opened(ROOT / "test", *arguments, folder=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert satisfied(ROOT, "test")
    assert str(ROOT / ".venv") in sys.prefix


def test_without_a_new_enough_python_the_door_says_so(tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", ROOT / "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "Python 3.11" in done.stderr
    assert done.stdout == ""


def test_the_checks_take_no_arguments(tmp_path: Path) -> None:
    assert opened(ROOT / "check", "--fast", folder=tmp_path).returncode == 2


def test_continuous_integration_opens_the_same_doors() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line[0] != "#"]
    assert commands == ["set -eu", 'cd -- "$(dirname -- "$0")/.."', "./check", "./test"]
