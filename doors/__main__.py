"""Opens the door named by the first argument: `python3 doors run|test|check [arguments]`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from doors.checks import check  # noqa: E402
from doors.demonstration import run  # noqa: E402
from doors.environment import keep_bytecode  # noqa: E402
from doors.failures import NotReady  # noqa: E402
from doors.suite import test  # noqa: E402

NOT_READY = 3
INTERRUPTED = 130


def enter(door: str, arguments: list[str]) -> int:
    """The exit code of the door: its own, 3 without an environment, 130 after Ctrl-C."""
    keep_bytecode(ROOT)
    try:
        return {"run": run, "test": test, "check": check}[door](ROOT, arguments)
    except NotReady as reason:
        sys.stderr.write(f"\n{reason}\n")
        return NOT_READY
    except KeyboardInterrupt:
        sys.stderr.write("\n已中断，再次运行即可继续 · interrupted; run again to go on\n")
        return INTERRUPTED


sys.exit(enter(sys.argv[1], sys.argv[2:]))
