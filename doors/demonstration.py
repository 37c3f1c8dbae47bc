"""`./run`: the demonstration, from nothing."""

import os
from pathlib import Path

from doors.environment import ensure


def run(root: Path, arguments: list[str]) -> int:
    """Become `jisui demo`; standard output stays the command's own."""
    jisui = str(ensure(root, "runtime") / "jisui")
    os.execv(jisui, [jisui, "demo", *arguments])
