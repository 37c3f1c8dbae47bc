"""A preschool register to try things on: the contract's own protocol over a world's children."""

from collections.abc import Callable
from datetime import date

from pydantic import Field
from starlette.applications import Starlette
from starlette.responses import Response

from adapters.preschool.register import PreschoolRegister, Refused
from adapters.simulation.answers import OWN_FAULTS, Asked, accept, answering, refuse
from adapters.simulation.app import create_simulator
from adapters.simulation.children import QUESTIONS_AT_ONCE, Query
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.feed import After
from adapters.simulation.institutions import Codes, Institutions
from adapters.simulation.operations import Call, Operation
from adapters.simulation.receipts import RequestId
from adapters.simulation.sheets import Cells, RowRefused, answer_sheet, decode_sheet, sheet_titles
from adapters.world import World


class Mark(RequestId):
    """The 升学 mark as it is asked for."""

    record_id: str
    number: str = Field(min_length=1)
    school: str = Field(pattern=r"\A[0-9]{10}\z")
    on: str


class RollOf(Asked):
    """Whose kindergartens' children, after which key, and how many at most."""

    area: str = Field(pattern=r"\A[0-9]{2,6}\z")
    after: str
    limit: int = Field(ge=1, le=1000)


def create(
    world: World, clock: SimulatorClock | None = None, *, latency_seconds: float = 0.0
) -> Starlette:
    """A preschool register holding the world's preschool records."""
    clock = clock or SimulatorClock()
    register = PreschoolRegister(world.preschool)
    institutions = Institutions(world.schools)
    return create_simulator(
        [
            Operation("query", "/v1/records/query", answering(Query, _query(register))),
            Operation("roll", "/v1/records/roll", answering(RollOf, _roll(register, institutions))),
            Operation("advance", "/v1/advancements", answering(Mark, _advance(register))),
            Operation("undo", "/v1/advancements/undo", answering(RequestId, _undo(register))),
            Operation("lookup", "/v1/advancements/lookup", answering(RequestId, _fate(register))),
            Operation("changes", "/v1/changes", answering(After, register.feed.answer)),
            Operation(
                "institutions", "/v1/institutions/query", answering(Codes, institutions.answer)
            ),
            Operation(
                "sheet", "/v1/institutions/{institution}/sheets", _sheet(register), decode_sheet
            ),
        ],
        records=lambda: register,
        clock=clock,
        own_faults=OWN_FAULTS,
        edit=lambda find, to: register.edit(find, to, clock.now()),
        latency_seconds=latency_seconds,
    )


def _query(register: PreschoolRegister) -> Callable[[Query, Call], Response]:
    def answer(asked: Query, call: Call) -> Response:
        if len(asked.questions) > QUESTIONS_AT_ONCE:
            return refuse(call, 413, "too_many")
        answers = [
            {"question": place, "records": register.find(question.key())}
            for place, question in enumerate(asked.questions)
        ]
        return accept(call, {"answers": answers})

    return answer


def _roll(
    register: PreschoolRegister, institutions: Institutions
) -> Callable[[RollOf, Call], Response]:
    def answer(asked: RollOf, call: Call) -> Response:
        found = register.roll(institutions.within(asked.area), asked.after, asked.limit + 1)
        more = len(found) > asked.limit
        return accept(call, {"records": found[: asked.limit], "more": more})

    return answer


def _advance(register: PreschoolRegister) -> Callable[[Mark, Call], Response]:
    def answer(mark: Mark, call: Call) -> Response:
        if not _is_day(mark.on):
            return refuse(call, 422, "invalid")
        return _done(call, lambda: register.advance(mark.model_dump(), call.at), 201)

    return answer


def _undo(register: PreschoolRegister) -> Callable[[RequestId, Call], Response]:
    def answer(asked: RequestId, call: Call) -> Response:
        return _done(call, lambda: register.undo(asked.request_id, call.at), 200)

    return answer


def _fate(register: PreschoolRegister) -> Callable[[RequestId, Call], Response]:
    def answer(asked: RequestId, call: Call) -> Response:
        return accept(call, register.receipts.fate(asked.request_id))

    return answer


def _sheet(register: PreschoolRegister) -> Callable[[Call], Response]:
    titles = sheet_titles("preschool")

    def answer(call: Call) -> Response:
        def take(cells: Cells, request_id: str) -> Cells:
            try:
                return register.take_row(call.parameters["institution"], cells, request_id, call.at)
            except Refused as refused:
                raise RowRefused("", refused.code) from refused

        return answer_sheet(call, titles, take)

    return answer


def _done(call: Call, carry_out: Callable[[], dict[str, str]], status: int) -> Response:
    try:
        return accept(call, {"receipt": carry_out()}, status)
    except Refused as refused:
        return refuse(call, 409, refused.code)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
