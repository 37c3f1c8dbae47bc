"""The enrolment platform: the system that was added fourth."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters import transport
from adapters.enrolment_platform.adapter import EnrolmentPlatform
from adapters.enrolment_platform.simulator import create
from adapters.simulation.serving import serving
from adapters.world import BrokenWorld, World, load
from contracts.errors import Malformed
from mappings import Crosswalks
from tests.adapters.small_world import GRADUATED, OTHER_SCHOOL, SCHOOL


@pytest.fixture
async def platform(world: World) -> AsyncIterator[EnrolmentPlatform]:
    async with serving(create(world)) as url, transport.open_client(url) as client:
        yield EnrolmentPlatform(client)


async def test_a_school_gets_its_admission_list_as_it_is_written(
    platform: EnrolmentPlatform, crosswalks: Crosswalks
) -> None:
    (entrant,) = (await platform.admissions(SCHOOL, trace_id="trace-1")).value
    assert entrant.cells["序号"] == "1"
    identity = crosswalks.admission_list.identity(entrant.cells)
    assert identity.number == f"G{GRADUATED}"
    assert identity.name == "古丽·虚构"


async def test_a_school_the_platform_does_not_know_is_our_mistake(
    platform: EnrolmentPlatform,
) -> None:
    with pytest.raises(Malformed) as caught:
        await platform.admissions(OTHER_SCHOOL, trace_id="trace-1")
    assert caught.value.code == "school_unknown"


def test_a_list_that_is_no_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "admissions").mkdir()
    (tmp_path / "admissions" / f"{SCHOOL}.xlsx").write_bytes(b"PK nonsense")
    with pytest.raises(BrokenWorld, match=SCHOOL):
        create(load(tmp_path))
