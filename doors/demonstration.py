"""`./run`: the demonstration, from nothing."""

import os
from pathlib import Path

from doors.environment import ensure


def run(root: Path, arguments: list[str]) -> int:
    """Become `jisui demo`; standard output stays the command's own."""
    programs = ensure(root, "runtime")
    os.execv(programs / "jisui", ["jisui", "demo", *arguments])
