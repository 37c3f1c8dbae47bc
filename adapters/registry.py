"""Which systems there are: one sorted table, and functions that open the adapter of each.

What a function returns is where the type checker holds an adapter against its capabilities.
"""

from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp

from adapters.enrolment_platform import simulator as enrolment_platform
from adapters.enrolment_platform.adapter import EnrolmentPlatform
from adapters.population.nciic import simulator as population
from adapters.preschool import simulator as preschool
from adapters.preschool.adapter import Preschool
from adapters.simulation.clock import SimulatorClock
from adapters.student_status import simulator as student_status
from adapters.student_status.adapter import StudentStatus
from adapters.transport import Client
from adapters.world import World
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


class PreschoolSystem(
    PreschoolSearch, Advancement, PreschoolChanges, PreschoolRoll, Directory, Protocol
):
    """What a preschool register must offer."""


class StudentStatusSystem(StudentSearch, EnrolmentDesk, StudentChanges, Directory, Protocol):
    """What a register of primary and secondary students must offer."""


class Simulate(Protocol):
    """Makes a simulator of a system out of a world."""

    def __call__(
        self, world: World, clock: SimulatorClock | None = None, *, latency_seconds: float = 0.0
    ) -> ASGIApp:
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


SYSTEMS = (
    System("enrolment_platform", "招生入学平台", 8704, enrolment_platform.create),
    System("population", "人口库", 8703, population.create),
    System("preschool", "学前学籍系统", 8701, preschool.create),
    System("student_status", "中小学生学籍系统", 8702, student_status.create),
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
