"""What a process does not use it does not load: memory is what a small office has least of."""

import subprocess
import sys

import pytest

# Alembic is for a store that is behind, Redis for those who configure it, the rest for simulators.
NOT_NEEDED = {"alembic", "redis", "openpyxl", "adapters.simulation"}


@pytest.mark.parametrize("process", ["working", "serving"])
def test_a_long_lived_process_starts_without_what_only_others_need(process: str) -> None:
    program = f"import sys, gateway.processes.{process}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert NOT_NEEDED.isdisjoint(told.stdout.decode().split())
