"""A population register to try things on: NCIIC's own protocol over a world's people."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.population.nciic.adapter import PATH
from adapters.population.nciic.contract import CHECK, wsdl
from adapters.population.nciic.licence import DEMO_LICENCE as DEMO_LICENCE
from adapters.population.nciic.simulated_answer import (
    refuse_envelope,
    write_envelope,
    write_refusal,
)
from adapters.population.nciic.simulated_faults import OWN_FAULTS, break_answer
from adapters.population.nciic.simulated_question import (
    Refused,
    Terms,
    decode,
    read_asked,
    read_rows,
)
from adapters.population.nciic.simulated_rows import answer_row
from adapters.population.register import PopulationRegister
from adapters.simulation.app import create_simulator
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.operations import Call, Operation
from adapters.world import World


def create(
    world: World,
    clock: SimulatorClock | None = None,
    *,
    licence: str = DEMO_LICENCE,
    batch_limit: int = 5,
    latency_seconds: float = 0.0,
) -> Starlette:
    """A population register holding the world's people; it wants the licence byte for byte."""
    register = PopulationRegister(world.population)
    return create_simulator(
        [Operation(CHECK, PATH, _check(register, Terms(licence, batch_limit)), decode)],
        records=lambda: register,
        clock=clock or SimulatorClock(),
        own_faults=OWN_FAULTS,
        edit=register.edit,
        routes=[Route(PATH, _show_wsdl, methods=["GET"])],
        latency_seconds=latency_seconds,
    )


def _check(register: PopulationRegister, terms: Terms) -> Callable[[Call], Response]:
    def answer(call: Call) -> Response:
        asked = read_asked(call.body)
        if asked is None:
            return refuse_envelope("Client")
        try:
            rows = read_rows(asked, terms)
        except Refused as refused:
            return write_envelope(write_refusal(refused.code))
        return break_answer(call.fault, [answer_row(register, row) for row in rows])

    return answer


async def _show_wsdl(request: Request) -> Response:
    if "wsdl" not in request.query_params:
        return Response(status_code=405)
    return Response(wsdl(), media_type="text/xml")
