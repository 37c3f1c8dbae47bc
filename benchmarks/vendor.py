"""Runs the vendor's script against the same simulators as a process of its own."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.town import build_world, simulators
from gateway.demo.stage import ASKED


@dataclass(frozen=True, slots=True)
class Vendor:
    """What the script took; it knows one pace, whatever the number of children."""

    children: int
    latency_ms: float
    seconds: float
    cpu_seconds: float

    @property
    def children_per_second(self) -> float:
        """One after another."""
        return self.children / self.seconds


def measure_vendor(children: int, latency_ms: float) -> Vendor:
    """Run the script on so many children; an exception where it went wrong."""
    with tempfile.TemporaryDirectory(prefix="jisui-bench-") as name:
        folder = Path(name)
        world = build_world(folder / "world", children)
        with simulators(world, latency_ms, folder / "processes.log") as systems:
            urls = [systems.said[system] for system in ASKED]
            arguments = [str(world.folder), world.school, str(children), *urls]
            script = [sys.executable, "-m", "benchmarks.vendor_script", *arguments]
            said = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    taken = json.loads(said)
    assert taken["children"] == children
    return Vendor(children, latency_ms, taken["seconds"], taken["cpu_seconds"])
