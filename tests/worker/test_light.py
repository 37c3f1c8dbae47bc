"""What a process does not use it does not load: memory is what a small office has least of."""

import subprocess
import sys

import pytest

# Alembic is for a store that is behind, Redis for those who configure it, the rest for simulators.
NOT_NEEDED = {"alembic", "redis", "openpyxl", "adapters.simulation"}

# The GNU library tells of its heaps in a file; 32 threads take memory at the same time.
HEAPS = """
import ctypes, pathlib, sys, tempfile, threading
from gateway.memory import share_one_heap

share_one_heap()
library = ctypes.CDLL(None)
library.malloc.restype = library.fopen.restype = ctypes.c_void_p
meet = threading.Barrier(32)
threads = [threading.Thread(target=lambda: (meet.wait(), library.malloc(1000))) for _ in range(32)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "heaps.xml"
    file = ctypes.c_void_p(library.fopen(str(path).encode(), b"w"))
    library.malloc_info(0, file)
    library.fclose(file)
    print(path.read_text().count("<heap nr="))
"""


@pytest.mark.parametrize(
    ("process", "not_needed"),
    [("working", NOT_NEEDED | {"fastapi"}), ("serving", NOT_NEEDED)],
    ids=["working", "serving"],
)
def test_a_long_lived_process_starts_without_what_only_others_need(
    process: str, not_needed: set[str]
) -> None:
    program = f"import sys, gateway.processes.{process}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not_needed.isdisjoint(told.stdout.decode().split())


def test_threads_of_a_process_with_one_heap_add_none() -> None:
    told = subprocess.run([sys.executable, "-c", HEAPS], capture_output=True, check=True)
    assert told.stdout.decode().strip() == "1"
