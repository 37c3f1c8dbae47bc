"""Installs one level of the hash-pinned requirements, and the project itself, with pip."""

import os
import re
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from doors.failures import NotReady, remedy
from doors.progress import Progress

LOOK_SECONDS = 0.3
KEPT_LINES = 15
PINNED = re.compile(r"([A-Za-z0-9._-]+)==")
COLLECTED = re.compile(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+).*")


def pinned(requirements: str) -> list[str]:
    """The names of the packages a requirements file pins."""
    return [found[1] for line in requirements.splitlines() if (found := PINNED.match(line))]


def install(root: Path, python: Path, level: str, stream: TextIO) -> None:
    """Make the environment hold the level's packages and the project, or say why not."""
    requirements = root / "requirements" / f"{level}.txt"
    total = len(pinned(requirements.read_text()))
    progress = Progress(stream, total=2 * total + 1)  # found, installed, the project itself
    pip = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    pip.append("--no-compile")  # Python compiles what it uses on first use: a third less waiting
    try:
        _follow([*pip, "--require-hashes", "-r", str(requirements)], progress, total, python)
        progress.reach(2 * total, "jisui")
        project = [*pip, "--no-deps", "--no-build-isolation", "-e", str(root)]
        _follow(project, progress, total, python)
        progress.reach(2 * total + 1, "完成 · ready")
    finally:
        progress.close()


def _follow(command: Sequence[str], progress: Progress, total: int, python: Path) -> None:
    """Run pip, turning what it says and what appears on disk into progress."""
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=_environment(os.environ),
    )
    assert process.stdout is not None
    found = 0
    with _watching(progress, total, python) as installing:
        for line in process.stdout:
            kept.append(line)
            if line.startswith("Installing collected packages"):
                installing.set()
            elif (package := COLLECTED.fullmatch(line.strip())) is not None:
                found += 1
                progress.reach(min(found, total), package[1])
    if process.wait() != 0:
        said = "".join(kept)
        raise NotReady(f"{said}\n{remedy(said)}")


@contextmanager
def _watching(progress: Progress, total: int, python: Path) -> Iterator[threading.Event]:
    """While pip installs, which it does in silence, count what has appeared on disk."""
    installing, over = threading.Event(), threading.Event()
    libraries = python.parent.parent / "lib"

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            if installing.is_set():
                there = len(list(libraries.glob("python*/site-packages/*.dist-info")))
                progress.reach(total + min(there, total), "安装 · installing")

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield installing
    finally:
        over.set()
        watcher.join()


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Ours, so that the user's pip settings hold, in the words this program can read."""
    return {**ours, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1", "PIP_PROGRESS_BAR": "off"}
