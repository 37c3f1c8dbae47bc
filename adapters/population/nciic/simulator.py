"""A population register to try things on: NCIIC's own protocol over a world's people."""

from dataclasses import dataclass

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
    Asked,
    AskedRow,
    Licence,
    Refused,
    decode,
    read_asked,
    read_rows,
)
from adapters.population.nciic.simulated_rows import answer_row
from adapters.population.nciic.simulated_terms import Account
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
    register, account = PopulationRegister(world.population), Account()
    service = _Service(register, account, Licence(licence, batch_limit))
    return create_simulator(
        [Operation(CHECK, PATH, service.check, decode)],
        records=lambda: register,
        clock=clock or SimulatorClock(),
        own_faults=OWN_FAULTS,
        edit=register.edit,
        routes=[Route(PATH, _show_wsdl, methods=["GET"])],
        terms=account.terms,
        latency_seconds=latency_seconds,
    )


@dataclass(frozen=True, slots=True)
class _Service:
    """The register, the one account that may ask it, and the licence it was given."""

    register: PopulationRegister
    account: Account
    licence: Licence

    def check(self, call: Call) -> Response:
        """The service's answer to a call of `nciicCheck`."""
        asked = read_asked(call.body)
        if asked is None:
            return refuse_envelope("Client")
        try:
            rows = self._read(asked)
        except Refused as refused:
            return write_envelope(write_refusal(refused.code))
        refused_by_terms = self.account.admit(call, len(rows))
        if refused_by_terms is not None:
            return refused_by_terms
        return break_answer(call.fault, [answer_row(self.register, row) for row in rows])

    def _read(self, asked: Asked) -> tuple[AskedRow, ...]:
        code = self.account.refuse()
        if code is not None:
            raise Refused(code)
        return read_rows(asked, self.licence)


async def _show_wsdl(request: Request) -> Response:
    if "wsdl" not in request.query_params:
        return Response(status_code=405)
    return Response(wsdl(), media_type="text/xml")
