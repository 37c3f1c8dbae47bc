"""A simulator as an ASGI application: its protocol's operations beside its control routes."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.simulation.clock import ClockSetting, SimulatorClock
from adapters.simulation.faults import FaultPlan, Faults, UnknownFault
from adapters.simulation.operations import Endpoint, Operation, Surroundings
from adapters.simulation.terms import Agreement, Terms, UnknownStanding

_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_M = TypeVar("_M", bound=BaseModel)

Row = dict[str, Any]
Edit = Callable[[Row, Row], int]


class Change(BaseModel):
    """A change in the simulated world: the records to find, by column, and what to set there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    find: Row = Field(min_length=1)
    set: Row = Field(min_length=1)


def create_simulator(
    operations: Sequence[Operation],
    *,
    records: Callable[[], Iterable[Row]],
    clock: SimulatorClock,
    own_faults: Iterable[str] = (),
    edit: Edit | None = None,
    routes: Sequence[BaseRoute] = (),
    terms: Terms | None = None,
    latency_seconds: float = 0.0,
) -> Starlette:
    """A simulator of these operations; `records` gives all it holds when it is asked.

    `edit` (find, set) changes what it holds from outside and says how many records it changed;
    `routes` are further plain routes of the protocol, such as a WSDL; `terms` are its hours,
    quotas and balance, which the operations themselves keep.
    """
    faults = Faults([operation.name for operation in operations], list(own_faults))
    around = Surroundings(clock, faults, latency_seconds)
    spoken = [
        Route(operation.path, Endpoint(operation, around), methods=["POST"])
        for operation in operations
    ]
    kept = _keep_terms(terms) if terms else []
    return Starlette(routes=[*spoken, *routes, *_control(around, records, edit), *kept])


def _control(
    around: Surroundings, records: Callable[[], Iterable[Row]], edit: Edit | None
) -> list[BaseRoute]:
    async def show_records(_: Request) -> Response:
        return JSONResponse(list(records()))

    async def show_requests(_: Request) -> Response:
        return JSONResponse(around.log)

    async def arm_faults(request: Request) -> Response:
        around.faults.arm(await _body(request, FaultPlan))
        return JSONResponse({"armed": True})

    async def set_clock(request: Request) -> Response:
        around.clock.set(await _body(request, ClockSetting))
        return JSONResponse({"now": around.clock.now().isoformat()})

    async def change_records(request: Request) -> Response:
        change = await _body(request, Change)
        return JSONResponse({"changed": edit(change.find, change.set) if edit else 0})

    return [
        _guarded("/_simulator/records", show_records, "GET"),
        _guarded("/_simulator/records", change_records, "POST"),
        _guarded("/_simulator/requests", show_requests, "GET"),
        _guarded("/_simulator/faults", arm_faults, "POST"),
        _guarded("/_simulator/clock", set_clock, "POST"),
    ]


def _keep_terms(terms: Terms) -> list[BaseRoute]:
    async def show_terms(_: Request) -> Response:
        return JSONResponse(terms.show())

    async def settle_terms(request: Request) -> Response:
        terms.settle(await _body(request, Agreement))
        return JSONResponse(terms.show())

    return [
        _guarded("/_simulator/terms", show_terms, "GET"),
        _guarded("/_simulator/terms", settle_terms, "POST"),
    ]


def _guarded(path: str, act: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    async def answer(request: Request) -> Response:
        if request.client is None or request.client.host not in _LOOPBACK:
            return JSONResponse({"problem": "loopback only"}, status_code=403)
        try:
            return await act(request)
        except (UnknownFault, UnknownStanding) as error:
            return JSONResponse({"problem": str(error)}, status_code=422)
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False, include_context=False)
            return JSONResponse({"problem": problems}, status_code=422)

    return Route(path, answer, methods=[method])


async def _body(request: Request, model: type[_M]) -> _M:
    return model.model_validate_json(await request.body() or b"{}")
