"""The project's own Python environment in `.venv`, made when it is missing or out of date.

What was installed is written down last (`.venv/jisui.json`), so an interruption at any point
leaves an environment that is made anew and never one that is half full.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TextIO

from doors.failures import NO_VENV, NotReady, remedy
from doors.packages import install

Level = Literal["runtime", "test", "dev"]
LEVELS: tuple[Level, ...] = ("runtime", "test", "dev")  # each holds the ones before it
NOT_FINISHED = "unfinished"
WRITTEN_DOWN = "jisui.json"


def ensure(root: Path, level: Level, stream: TextIO = sys.stderr) -> Path:
    """The folder of the environment's programs, with at least the level's packages installed."""
    venv = root / ".venv"
    with _alone(root, stream):
        if not satisfied(root, level):
            _make(root, level, stream)
    return venv / "bin"


def keep_bytecode(root: Path) -> None:
    """Have the programs we start keep their compiled code in `.venv`, whatever we were told.

    A door starts many processes, and compiling everything anew takes each of them seconds.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(root / ".venv" / "bytecode")


def satisfied(root: Path, level: Level) -> bool:
    """Whether what is installed is what the level's requirements say today."""
    venv = root / ".venv"
    try:
        written = json.loads((venv / WRITTEN_DOWN).read_text())
    except (OSError, ValueError):
        return False
    whole = not (venv / NOT_FINISHED).exists() and (venv / "bin" / "python").exists()
    return whole and written.get(level) == digest(root, level)


def digest(root: Path, level: Level) -> str:
    """A hash over everything that decides what the level's environment holds, and where."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    parts = [
        (root / "requirements" / f"{level}.txt").read_bytes(),
        json.dumps([project["build-system"], project["project"]], sort_keys=True).encode(),
        str(root).encode(),  # the programs name their folder: a moved project needs new ones
        f"{sys.version_info.major}.{sys.version_info.minor}".encode(),
    ]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


@contextmanager
def _alone(root: Path, stream: TextIO) -> Iterator[None]:
    """Keep two terminals from setting up the same environment at once."""
    folder = os.open(root / "requirements", os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.write("等待另一个进程准备环境 · another one is setting up, waiting\n")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _make(root: Path, level: Level, stream: TextIO) -> None:
    venv = root / ".venv"
    stream.write(f"准备运行环境 · setting up the environment ({level})\n")
    try:
        if not _usable(venv):
            _create(venv)
        (venv / NOT_FINISHED).touch()
        install(root, venv / "bin" / "python", level, stream)
        _write_down(root, level)
    except OSError as error:
        raise NotReady(f"{error.strerror}: {error.filename}\n{remedy(str(error))}") from error


def _usable(venv: Path) -> bool:
    """Whether an environment of our Python is there, in its place and not left half full."""
    python, pip = venv / "bin" / "python", venv / "bin" / "pip"
    if (venv / NOT_FINISHED).exists() or not python.exists() or not pip.exists():
        return False
    if str(venv) not in pip.read_text():  # a moved environment's programs start the old one
        return False
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    asked = [str(python), "-c", "import pip, sys; print('%d.%d' % sys.version_info[:2])"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return found.stdout.strip() == version


def _create(venv: Path) -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise NotReady(NO_VENV)
    if venv.exists():
        shutil.rmtree(venv)
    venv.mkdir()
    (venv / NOT_FINISHED).touch()
    _populate(venv)


def _populate(venv: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", venv], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        said = made.stdout + made.stderr
        raise NotReady(f"{said}\n{remedy(said)}")


def _write_down(root: Path, level: Level) -> None:
    """Note what is installed: the level and all levels below it."""
    venv = root / ".venv"
    held = LEVELS[: LEVELS.index(level) + 1]
    draft = venv / f"{WRITTEN_DOWN}.new"
    draft.write_text(json.dumps({each: digest(root, each) for each in held}))
    draft.replace(venv / WRITTEN_DOWN)
    (venv / NOT_FINISHED).unlink()
