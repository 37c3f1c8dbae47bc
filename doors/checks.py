"""`./check`: everything a machine can check without running the tests, with names and times."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from doors.environment import ensure
from doors.leaks import find_leaks, tracked

AT_ONCE = 2
COMPOSE = "lib/python*/site-packages/compose/docker-compose"  # its Python wrapper always exits 0

COMPOSE_FILES = ("-f", "docker/compose.yaml", "-f", "docker/compose.demo.yaml")


@dataclass(frozen=True)
class Step:
    """One thing to check; `act` gives an exit code and what there is to say."""

    name: str
    act: Callable[[], tuple[int, str]]


@dataclass(frozen=True)
class Finding:
    """How a step went."""

    name: str
    code: int
    words: str
    seconds: float


def check(root: Path, arguments: list[str]) -> int:
    """0 when every step holds, else 1; the failing steps' words come last."""
    if arguments:
        sys.stderr.write("./check takes no arguments\n")
        return 2
    programs = ensure(root, "dev")
    os.chdir(root)
    return report(steps(root, programs))


def steps(root: Path, programs: Path) -> list[Step]:
    """What is checked, slowest first."""
    ruff = programs / "ruff"
    compose = next(programs.parent.glob(COMPOSE))
    commands: dict[str, list[str | Path]] = {
        "types": [programs / "mypy"],
        "types of the doors": [programs / "mypy", "-p", "doors"],
        "format": [ruff, "format", "--check", "--quiet", "--output-format=concise", "."],
        "lint": [ruff, "check", "--quiet", "--output-format=concise", "."],
        "floors": [programs / "lint-imports"],
        "contracts": [programs / "jisui", "contracts", "check"],
        "mappings": [programs / "jisui", "mappings", "check"],
        "Dockerfile": [programs / "hadolint", "docker/Dockerfile"],
        "compose": [compose, *COMPOSE_FILES[:2], "config", "-q"],
        "compose demo": [compose, *COMPOSE_FILES, "config", "-q"],
    }
    leaks = Step("no address, path or secret", lambda: _leaks(root))
    return [*(_command(name, command) for name, command in commands.items()), leaks]


def report(listed: Iterable[Step]) -> int:
    """Take the steps, two at once, and print each with its time as it is known."""
    failed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for finding in pool.map(_take, listed):
            mark = "ok    " if finding.code == 0 else "FAILED"
            print(f"{mark} {finding.name:28} {finding.seconds:5.1f} s", flush=True)
            if finding.code != 0:
                failed.append(finding)
    for finding in failed:
        print(f"\n--- {finding.name}: exit {finding.code}\n{finding.words.strip()}")
    if failed:
        print(f"\ncheck: FAILED: {', '.join(finding.name for finding in failed)}")
    return 1 if failed else 0


def _leaks(root: Path) -> tuple[int, str]:
    if shutil.which("git") is None:
        return 1, "git is needed to know which files are the project's"
    return find_leaks(root, tracked(root))


def _take(step: Step) -> Finding:
    began = time.monotonic()
    code, words = step.act()
    return Finding(step.name, code, words, time.monotonic() - began)


def _command(name: str, command: list[str | Path]) -> Step:
    def act() -> tuple[int, str]:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout

    return Step(name, act)
