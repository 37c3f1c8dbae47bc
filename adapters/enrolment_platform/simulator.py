"""An enrolment platform to try things on: it hands out a world's admission lists."""

from pydantic import Field
from starlette.applications import Starlette
from starlette.responses import Response

from adapters.simulation.answers import OWN_FAULTS, Asked, accept, answering, refuse
from adapters.simulation.app import create_simulator
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.operations import Call, Operation
from adapters.simulation.sheets import Cells, decode_sheet
from adapters.world import BrokenWorld, World


class School(Asked):
    """Whose list is asked for."""

    school: str = Field(pattern=r"\A[0-9]{10}\z")


def create(
    world: World, clock: SimulatorClock | None = None, *, latency_seconds: float = 0.0
) -> Starlette:
    """An enrolment platform with the world's admission lists."""
    lists = {school: _entrants(world, school) for school in world.admissions}

    def admissions(asked: School, call: Call) -> Response:
        if asked.school not in lists:
            return refuse(call, 422, "school_unknown")
        return accept(call, {"school": asked.school, "entrants": lists[asked.school]})

    return create_simulator(
        [Operation("admissions", "/v1/admissions", answering(School, admissions))],
        records=lambda: [
            {"学校标识码": school, **cells} for school, rows in lists.items() for cells in rows
        ],
        clock=clock or SimulatorClock(),
        own_faults=OWN_FAULTS,
        latency_seconds=latency_seconds,
    )


def _entrants(world: World, school: str) -> list[Cells]:
    path = world.admissions[school]
    sheet = decode_sheet(path.read_bytes())
    if sheet is None:
        raise BrokenWorld(f"admissions/{path.name}", 0, "", "no workbook")
    return [cells for cells in sheet["rows"] if any(cells.values())]
