"""A student register to try things on: the contract's own protocol over a world's students."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field
from starlette.applications import Starlette
from starlette.responses import Response

from adapters.simulation.answers import OWN_FAULTS, Asked, accept, answering, refuse
from adapters.simulation.app import create_simulator
from adapters.simulation.children import QUESTIONS_AT_ONCE, Query
from adapters.simulation.clock import SimulatorClock
from adapters.simulation.feed import After
from adapters.simulation.institutions import Codes, Institutions
from adapters.simulation.operations import Call, Operation
from adapters.simulation.receipts import RequestId
from adapters.simulation.sheets import Cells, RowRefused, answer_sheet, decode_sheet, sheet_titles
from adapters.student_status.register import APPROVED, Refused, StudentRegister
from adapters.student_status.sheet import fields_of
from adapters.world import World

# Another school enters the same child a moment before us; a student is entered between two pages.
_RACES = frozenset({"conflict_409", "row_inserted"})
_RIVAL = "3199990099"


class NewStudent(RequestId):
    """A student to enter, under the national JSON keys."""

    school: str = Field(pattern=r"\A[0-9]{10}\z")
    student: dict[str, Any]


class Page(Asked):
    """Which school's students, and from which place on."""

    school: str
    start: int = Field(ge=0)


def create(
    world: World, clock: SimulatorClock | None = None, *, latency_seconds: float = 0.0
) -> Starlette:
    """A student register holding the world's primary records."""
    clock = clock or SimulatorClock()
    register = StudentRegister(world.primary)
    institutions = Institutions(world.schools)
    return create_simulator(
        [
            Operation("query", "/v1/students/query", answering(Query, _query(register))),
            Operation("create", "/v1/students", answering(NewStudent, _create(register))),
            Operation("remove", "/v1/students/remove", answering(RequestId, _remove(register))),
            Operation("lookup", "/v1/students/lookup", answering(RequestId, _fate(register))),
            Operation("changes", "/v1/changes", answering(After, register.feed.answer)),
            Operation("students", "/v1/schools/students", answering(Page, _page(register))),
            Operation(
                "institutions", "/v1/institutions/query", answering(Codes, institutions.answer)
            ),
            Operation("sheet", "/v1/schools/{school}/sheets", _sheet(register), decode_sheet),
        ],
        records=lambda: (student.shown() for student in register),
        clock=clock,
        own_faults=OWN_FAULTS | _RACES,
        edit=lambda find, to: register.edit(find, to, clock.now()),
        latency_seconds=latency_seconds,
    )


def _query(register: StudentRegister) -> Callable[[Query, Call], Response]:
    def answer(asked: Query, call: Call) -> Response:
        if len(asked.questions) > QUESTIONS_AT_ONCE:
            return refuse(call, 413, "too_many")
        answers = [
            {"question": place, "records": [s.spoken() for s in register.find(question.key())]}
            for place, question in enumerate(asked.questions)
        ]
        return accept(call, {"answers": answers})

    return answer


def _create(register: StudentRegister) -> Callable[[NewStudent, Call], Response]:
    def answer(asked: NewStudent, call: Call) -> Response:
        if not asked.student.get("grbsm") or not asked.student.get("xm"):
            return refuse(call, 422, "invalid")
        if call.fault is not None and call.fault.kind == "conflict_409":
            _overtake(register, asked, call)
        try:
            receipt, new = register.create(asked.request_id, asked.school, asked.student, call.at)
        except Refused as refused:
            return _conflict(call, refused)
        return accept(call, {"receipt": receipt}, 201 if new else 200)

    return answer


def _overtake(register: StudentRegister, asked: NewStudent, call: Call) -> None:
    if register.receipts.of(asked.request_id) is None:
        register.insert_rival(_RIVAL, asked.student, call.at)


def _remove(register: StudentRegister) -> Callable[[RequestId, Call], Response]:
    def answer(asked: RequestId, call: Call) -> Response:
        try:
            return accept(call, {"receipt": register.remove(asked.request_id, call.at)})
        except Refused as refused:
            return _conflict(call, refused)

    return answer


def _fate(register: StudentRegister) -> Callable[[RequestId, Call], Response]:
    def answer(asked: RequestId, call: Call) -> Response:
        return accept(call, register.receipts.fate(asked.request_id))

    return answer


def _page(register: StudentRegister) -> Callable[[Page, Call], Response]:
    def answer(asked: Page, call: Call) -> Response:
        if call.fault is not None and call.fault.kind == "row_inserted":
            newcomer = {"grbsm": "", "xm": "插入生", "xbm": "1", "csrq": "20200101"}
            register.insert_rival(asked.school, newcomer, call.at)
        total, students = register.page(asked.school, asked.start)
        rows = [student.spoken() for student in students]
        return accept(call, {"total": total, "version": register.feed.version, "rows": rows})

    return answer


def _sheet(register: StudentRegister) -> Callable[[Call], Response]:
    titles = sheet_titles("student_status")

    def answer(call: Call) -> Response:
        school = call.parameters["school"]
        carried: set[str] = set()

        def take(cells: Cells, request_id: str) -> Mapping[str, str]:
            fields = fields_of(cells, school)
            if fields["grbsm"] in carried:
                raise RowRefused("学籍接续标识", "twice_in_sheet")
            carried.add(fields["grbsm"])
            try:
                return register.create(request_id, school, fields, call.at)[0]
            except Refused as refused:
                column = "身份证件号" if refused.code == "document_taken" else "学籍接续标识"
                raise RowRefused(column, refused.code) from refused

        return answer_sheet(call, titles, take)

    return answer


def _conflict(call: Call, refused: Refused) -> Response:
    if refused.holder is None:
        return refuse(call, 409, refused.code)
    row = refused.holder.row
    holder = {"school": row["学校标识码"], "approved": row["审核状态"] == APPROVED}
    return refuse(call, 409, refused.code, holder=holder)
