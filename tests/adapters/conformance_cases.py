"""The calls of the registers' and the enrolment platform's adapters, for the conformance suite."""

from datetime import UTC, date, datetime
from typing import Any

from adapters import registry, transport
from adapters.simulation.sheets import sheet_titles
from contracts.capabilities import Advance, ByNumber, Enrolment
from contracts.records import PreschoolStatus, Provenance
from mappings import Crosswalks
from tests.adapters.conformance import Case
from tests.adapters.small_world import CHILD, ENROLLED, GRADUATED, KINDERGARTEN, SCHOOL

CROSSWALKS = Crosswalks()
TRACE = "trace-1"
MARK = Advance("r-1", "XQ00000001", f"G{GRADUATED}", SCHOOL, date(2026, 9, 1))
CARRIED = CROSSWALKS.preschool.read(
    {title: CHILD[title] for title in sheet_titles("preschool")},
    number=CHILD["学籍号"],
    provenance=Provenance("preschool", datetime(2026, 9, 1, tzinfo=UTC)),
)
ENROLMENT = Enrolment("r-1", SCHOOL, CARRIED)


def preschool(client: transport.Client) -> registry.PreschoolSystem:
    return registry.open_preschool(client, CROSSWALKS)


def students(client: transport.Client) -> registry.StudentStatusSystem:
    return registry.open_student_status(client, CROSSWALKS)


def receipt_of_r1(value: Any) -> bool:
    return bool(value.request_id == "r-1" and value.receipt_id)


def child_found(value: Any) -> bool:
    ((record,),) = value
    return bool(record.status is PreschoolStatus.GRADUATED)


def pupil_found(value: Any) -> bool:
    ((student,),) = value
    return bool(student.live and student.child.identity.number == f"G{ENROLLED}")


CASES = (
    Case(
        "preschool",
        "query",
        preschool,
        lambda adapter: adapter.find([ByNumber(f"G{GRADUATED}")], trace_id=TRACE),
        child_found,
    ),
    Case(
        "preschool",
        "advance",
        preschool,
        lambda adapter: adapter.advance(MARK, trace_id=TRACE),
        receipt_of_r1,
        fate=lambda adapter: adapter.advancement("r-1", trace_id=TRACE),
    ),
    Case(
        "preschool",
        "lookup",
        preschool,
        lambda adapter: adapter.advancement("r-1", trace_id=TRACE),
        receipt_of_r1,
        prepare=lambda adapter: adapter.advance(MARK, trace_id=TRACE),
    ),
    Case(
        "preschool",
        "changes",
        preschool,
        lambda adapter: adapter.preschool_changes(0, 10, trace_id=TRACE),
        lambda value: [change.kind for change in value.changes] == ["advanced"],
        prepare=lambda adapter: adapter.advance(MARK, trace_id=TRACE),
    ),
    Case(
        "preschool",
        "roll",
        preschool,
        lambda adapter: adapter.roll("999999", "", 10, trace_id=TRACE),
        lambda value: bool(value.records) and not value.more,
    ),
    Case(
        "preschool",
        "institutions",
        preschool,
        lambda adapter: adapter.institutions([KINDERGARTEN], trace_id=TRACE),
        lambda value: [each.status for each in value] == ["merged"],
    ),
    Case(
        "student_status",
        "query",
        students,
        lambda adapter: adapter.find([ByNumber(f"G{ENROLLED}")], trace_id=TRACE),
        pupil_found,
    ),
    Case(
        "student_status",
        "create",
        students,
        lambda adapter: adapter.create(ENROLMENT, trace_id=TRACE),
        receipt_of_r1,
        fate=lambda adapter: adapter.enrolment("r-1", trace_id=TRACE),
    ),
    Case(
        "student_status",
        "lookup",
        students,
        lambda adapter: adapter.enrolment("r-1", trace_id=TRACE),
        receipt_of_r1,
        prepare=lambda adapter: adapter.create(ENROLMENT, trace_id=TRACE),
    ),
    Case(
        "student_status",
        "changes",
        students,
        lambda adapter: adapter.student_changes(0, 10, trace_id=TRACE),
        lambda value: [change.kind for change in value.changes] == ["created"],
        prepare=lambda adapter: adapter.create(ENROLMENT, trace_id=TRACE),
    ),
    Case(
        "student_status",
        "students",
        students,
        lambda adapter: adapter.students_of(SCHOOL, trace_id=TRACE),
        lambda value: len(value.students) == 1,
        prepare=lambda adapter: adapter.create(ENROLMENT, trace_id=TRACE),
    ),
    Case(
        "student_status",
        "institutions",
        students,
        lambda adapter: adapter.institutions([SCHOOL], trace_id=TRACE),
        lambda value: [each.name for each in value] == ["虚构小学"],
    ),
    Case(
        "enrolment_platform",
        "admissions",
        registry.open_enrolment_platform,
        lambda adapter: adapter.admissions(SCHOOL, trace_id=TRACE),
        lambda value: [each.cells["姓名"] for each in value] == ["古丽·虚构"],
    ),
)
