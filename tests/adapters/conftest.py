"""The small world behind real sockets, and the adapters in front of it."""

from collections.abc import AsyncIterator

import pytest

from adapters import transport
from adapters.preschool import simulator as preschool_simulator
from adapters.preschool.adapter import Preschool
from adapters.simulation.serving import serving
from adapters.student_status import simulator as student_status_simulator
from adapters.student_status.adapter import StudentStatus
from adapters.world import World
from mappings import Crosswalks
from tests.adapters.small_world import write_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def crosswalks() -> Crosswalks:
    return Crosswalks()


@pytest.fixture
async def preschool_client(world: World) -> AsyncIterator[transport.Client]:
    async with (
        serving(preschool_simulator.create(world)) as url,
        transport.open_client(url, seconds=2.0, verify=False) as client,
    ):
        yield client


@pytest.fixture
async def student_client(world: World) -> AsyncIterator[transport.Client]:
    async with (
        serving(student_status_simulator.create(world)) as url,
        transport.open_client(url, seconds=2.0, verify=False) as client,
    ):
        yield client


@pytest.fixture
def preschool(preschool_client: transport.Client, crosswalks: Crosswalks) -> Preschool:
    return Preschool(preschool_client, crosswalks)


@pytest.fixture
def students(student_client: transport.Client, crosswalks: Crosswalks) -> StudentStatus:
    return StudentStatus(student_client, crosswalks)
