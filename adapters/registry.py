"""Which systems there are: one sorted table, and functions that open the adapter of each.

What a function returns is where the type checker holds an adapter against its capabilities.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from adapters.enrolment_platform.adapter import EnrolmentPlatform
from adapters.preschool.adapter import Preschool
from adapters.student_status.adapter import StudentStatus
from adapters.transport import Client
from contracts.capabilities import (
    AdmissionLists,
    Advancement,
    Directory,
    EnrolmentDesk,
    PreschoolChanges,
    PreschoolRoll,
    PreschoolSearch,
    StudentChanges,
    StudentSearch,
)
from mappings import Crosswalks

if TYPE_CHECKING:  # who asks systems has no use for what simulates them
    from starlette.types import ASGIApp

    from adapters.simulation.clock import SimulatorClock
    from adapters.world import World


class PreschoolSystem(
    PreschoolSearch, Advancement, PreschoolChanges, PreschoolRoll, Directory, Protocol
):
    """What a preschool register must offer."""


class StudentStatusSystem(StudentSearch, EnrolmentDesk, StudentChanges, Directory, Protocol):
    """What a register of primary and secondary students must offer."""


class Simulate(Protocol):
    """Makes a simulator of a system out of a world."""

    def __call__(
        self, world: "World", clock: "SimulatorClock | None" = None, *, latency_seconds: float = 0.0
    ) -> "ASGIApp":
        """The simulator, answering no sooner than `latency_seconds`."""


@dataclass(frozen=True, slots=True)
class System:
    """A system we ask: its name, what people call it, its port in a demonstration, its simulator.

    The name is that of its folder under `contracts/` (for the population register, of the
    dialect's) and under `adapters/`, and the `system` of its failures.
    """

    name: str
    label: str
    port: int
    simulate: Simulate


def simulated(folder: str) -> Simulate:
    """The simulator in a folder under `adapters/`, imported when it is first wanted."""

    def simulate(
        world: "World", clock: "SimulatorClock | None" = None, *, latency_seconds: float = 0.0
    ) -> "ASGIApp":
        create: Simulate = import_module(f"adapters.{folder}.simulator").create
        return create(world, clock, latency_seconds=latency_seconds)

    return simulate


SYSTEMS = (
    System("enrolment_platform", "招生入学平台", 8704, simulated("enrolment_platform")),
    System("population", "人口库", 8703, simulated("population.nciic")),
    System("preschool", "学前学籍系统", 8701, simulated("preschool")),
    System("student_status", "中小学生学籍系统", 8702, simulated("student_status")),
)


def open_preschool(client: Client, crosswalks: Crosswalks) -> PreschoolSystem:
    """The preschool register behind a client whose base address is the register's."""
    return Preschool(client, crosswalks)


def open_student_status(client: Client, crosswalks: Crosswalks) -> StudentStatusSystem:
    """The student register behind a client whose base address is the register's."""
    return StudentStatus(client, crosswalks)


def open_enrolment_platform(client: Client) -> AdmissionLists:
    """The enrolment platform behind a client whose base address is the platform's."""
    return EnrolmentPlatform(client)
