"""The command as somebody at a terminal has it: a program with arguments, a folder, two streams."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "gateway.cli")


@dataclass(frozen=True)
class Terminal:
    """A place to type commands; nothing of ours in the environment but what is given."""

    folder: Path
    given: Mapping[str, str]

    @property
    def temporary(self) -> Path:
        """Where the commands' temporary files are."""
        return self.folder / "temporary"

    def run(self, *arguments: object, given: str = "") -> "subprocess.CompletedProcess[str]":
        """A command run to its end."""
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self._environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def started(self, *arguments: object) -> "Iterator[subprocess.Popen[str]]":
        """A command that goes on; killed at the latest where the block is left."""
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def _environment(self) -> dict[str, str]:
        self.temporary.mkdir(exist_ok=True)
        kept = {name: text for name, text in os.environ.items() if not name.startswith("JISUI_")}
        ours = {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.temporary), "COLUMNS": "200"}
        return kept | ours | dict(self.given)


def result(done: "subprocess.CompletedProcess[str]") -> Any:
    """The one JSON object that a command printed."""
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    return json.loads(done.stdout)


def children_of(pid: int) -> list[int]:
    """The ids of a process's own children."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(child) for child in text.split()]


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something to be so; fail where it never is."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, as far as one can know."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports
