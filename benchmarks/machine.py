"""What was measured on, so that figures can be read later."""

import os
import platform
import tempfile
import time
from pathlib import Path

_WRITES = 300


def describe_machine() -> dict[str, object]:
    """The machine, how busy it is, and how fast its disk makes a kilobyte durable."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "fdatasync_per_second": round(_fdatasync_rate()),
    }


def _fdatasync_rate() -> float:
    with tempfile.TemporaryFile() as file:
        started = time.perf_counter()
        for _ in range(_WRITES):
            file.write(b"x" * 1024)
            file.flush()
            os.fdatasync(file.fileno())
        return _WRITES / (time.perf_counter() - started)
