"""`./test`: the whole test suite, or what the arguments say, on all cores."""

import os
from pathlib import Path

from doors.environment import ensure

WORKERS = ("-n", "4", "--dist", "loadgroup")  # half of their time the tests wait


def test(root: Path, arguments: list[str]) -> int:
    """Become pytest, in the project's folder."""
    programs = ensure(root, "test")
    os.chdir(root)
    python = str(programs / "python")  # by this path Python knows whose packages are meant
    os.execv(python, [python, "-m", "pytest", *WORKERS, *arguments])
