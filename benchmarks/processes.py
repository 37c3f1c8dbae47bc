"""What a process has cost the machine so far, read from /proc, and `jisui` run as a child."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.settings import CONFIG_FILE, PREFIX

STOP_SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Running:
    """A child process that is ready, and what it said when it became so."""

    pid: int
    said: dict[str, Any]

    def cpu_seconds(self) -> float:
        """Processor time of all its threads, in user and kernel mode."""
        text = Path(f"/proc/{self.pid}/stat").read_text("ascii")
        fields = text.rpartition(")")[2].split()  # the command's name may hold spaces
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_mib(self) -> float:
        """The most memory it has had resident."""
        lines = Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024


@contextmanager
def jisui(
    arguments: Sequence[str], log: Path, configuration: Path | None = None
) -> Iterator[Running]:
    """`jisui …` in a process of its own, ready when the block begins, ended when it is left."""
    with log.open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", *arguments],
            env=_environment(configuration),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert child.stdout is not None  # it was asked for
    try:
        line = child.stdout.readline()
        if not line:
            raise RuntimeError(f"jisui {arguments[0]} did not start; see {log}")
        yield Running(child.pid, json.loads(line))
    finally:
        child.terminate()
        child.wait(STOP_SECONDS)
        child.stdout.close()


def _environment(configuration: Path | None) -> dict[str, str]:
    """Ours without the settings of whoever measures."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | ({CONFIG_FILE: str(configuration)} if configuration else {})
