"""What a process does not use it does not load: memory is what a small office has least of."""

import subprocess
import sys

import pytest

# Alembic is for a store that is behind, Redis for those who configure it, the rest for simulators.
NOT_NEEDED = {"alembic", "redis", "openpyxl", "adapters.simulation"}


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
