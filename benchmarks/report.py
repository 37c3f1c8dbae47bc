"""The report: each goal beside what was measured, the whole run kept as JSON."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.intake import Intake
from benchmarks.vendor import Vendor

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything one invocation measured; the large run is left out unless asked for."""

    machine: Mapping[str, object]
    vendor: Vendor
    intakes: Sequence[Intake]
    without_latency: Intake
    small: Intake
    large: Intake | None

    @property
    def unsteadiest(self) -> float:
        """The widest spread of the floor during one intake."""
        return max(intake.floor_spread for intake in self._every())

    @property
    def floor_ms(self) -> float:
        """The floor while intakes were measured."""
        return median(intake.floor_ms for intake in self._every())

    def _every(self) -> list[Intake]:
        large = [self.large] if self.large else []
        return [*self.intakes, self.without_latency, self.small, *large]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is wanted, what was found, and whether that is enough."""

    name: str
    wanted: str
    found: str
    met: bool


def judge(measured: Measured) -> list[Goal]:
    """Each goal with its figure."""
    pace = median(intake.children_per_second for intake in measured.intakes)
    times = pace / measured.vendor.children_per_second
    bare = measured.without_latency.children_per_second
    peak = max(intake.peak_mib for intake in measured.intakes)
    return [
        Goal("children a second, systems answer in 20 ms", ">= 150", f"{pace:.0f}", pace >= 150),
        Goal("times the vendor's script", ">= 10", f"{times:.1f}", times >= 10),
        Goal("children a second, systems answer at once", "", f"{bare:.0f}", met=True),
        Goal("gateway and worker, MiB at most", "<= 400", f"{peak:.0f}", peak <= 400),
        *(_growth(measured.small, measured.large) if measured.large else []),
    ]


def _growth(small: Intake, large: Intake) -> list[Goal]:
    grown = large.peak_mib - small.peak_mib
    dearer = large.cpu_floors_per_child / small.cpu_floors_per_child - 1
    rows = f"{small.children} to {large.children} rows"
    return [
        Goal(f"MiB more, {rows}", "<= 40", f"{grown:.0f}", grown <= 40),
        Goal(f"processor time a child, {rows}", "<= +20 %", f"{dearer:+.0%}", dearer <= 0.20),
    ]


def keep(measured: Measured, goals: Sequence[Goal]) -> Path:
    """The file this run is kept in."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{time.strftime('%Y%m%dT%H%M%S')}.json"
    kept = asdict(measured) | {"goals": [asdict(goal) for goal in goals]}
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
    return file


def tell(measured: Measured, goals: Sequence[Goal]) -> str:
    """The goals as a Markdown table."""
    lines = ["| Goal | Wanted | Found | |", "|---|--:|--:|---|"]
    lines += [
        f"| {goal.name} | {goal.wanted} | {goal.found} | {'' if goal.met else 'missed'} |"
        for goal in goals
    ]
    machine = ", ".join(f"{name} {value}" for name, value in measured.machine.items())
    floor = f"floor {measured.floor_ms:.2f} ms, spread at most {measured.unsteadiest:.0%}"
    return "\n".join([*lines, "", f"{machine}; {floor}"])
