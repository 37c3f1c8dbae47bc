"""Speaks to the register of primary and secondary students in the words of its contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters import register, transport
from adapters.replies import RowReceipt
from adapters.student_status.records import read_student
from adapters.student_status.roll import Roll, fetch_roll
from adapters.wire import Line, Problem
from contracts.capabilities import Changes, Enrolment, Question, Receipt, Reply
from contracts.errors import Malformed, NumberTaken, SystemFailure
from contracts.records import Institution, PrimaryRecord
from mappings import Crosswalks

SYSTEM = "student_status"


class StudentStatus:
    """The student register at the end of a client; `caller` is our name on its wire."""

    def __init__(
        self, client: transport.Client, crosswalks: Crosswalks, *, caller: str = "CN/GOV/JISUI"
    ) -> None:
        self.batch_limit = register.BATCH_LIMIT
        self._line = Line(client, SYSTEM, caller)
        self._crosswalks = crosswalks

    async def find(
        self, questions: Sequence[Question], *, trace_id: str
    ) -> Reply[tuple[tuple[PrimaryRecord, ...], ...]]:
        """The students for each question, in the order asked."""
        return await register.find(
            self._line, "/v1/students/query", questions, self._read, trace_id=trace_id
        )

    async def create(self, enrolment: Enrolment, *, trace_id: str) -> Reply[Receipt]:
        """The receipt for a student entered under the number it carries."""
        number = enrolment.child.identity.number
        if number is None:
            raise Malformed(SYSTEM, "create", "number_missing")
        written = self._crosswalks.student_status.write(enrolment.child, number=number)
        if written.unmapped:
            raise Malformed(SYSTEM, "create", "unmapped")
        wish = {
            "requestId": enrolment.request_id,
            "school": enrolment.school,
            "student": dict(written.fields),
        }
        return await self._write("create", "/v1/students", wish, trace_id)

    async def remove(self, request_id: str, *, trace_id: str) -> Reply[Receipt]:
        """The receipt for removing the still unapproved student entered under this id."""
        wish = {"requestId": request_id}
        return await self._write("remove", "/v1/students/remove", wish, trace_id)

    async def enrolment(self, request_id: str, *, trace_id: str) -> Reply[Receipt | None]:
        """The receipt of the student sent under this id; None where none came or it was removed."""
        return await register.fate(
            self._line,
            "enrolment",
            "/v1/students/lookup",
            request_id,
            standing="created",
            trace_id=trace_id,
        )

    async def student_changes(
        self, after: int, limit: int, *, trace_id: str
    ) -> Reply[Changes[PrimaryRecord]]:
        """The changes after a version, oldest first."""
        return await register.collect(self._line, after, limit, self._read, trace_id=trace_id)

    async def institutions(
        self, codes: Sequence[str], *, trace_id: str
    ) -> Reply[tuple[Institution, ...]]:
        """Those of the institutions asked for that the register knows."""
        return await register.list_institutions(self._line, codes, trace_id=trace_id)

    async def students_of(self, school: str, *, trace_id: str) -> Reply[Roll]:
        """The students of a school, with the version after which its changes must be read."""
        return await fetch_roll(self._line, school, self._read, trace_id=trace_id)

    async def submit_sheet(
        self, school: str, sheet: bytes, *, request_id: str, trace_id: str
    ) -> Reply[tuple[RowReceipt, ...]]:
        """What became of each row of a school's 71-column workbook."""
        path = f"/v1/schools/{school}/sheets"
        return await register.submit(
            self._line, path, sheet, request_id=request_id, trace_id=trace_id
        )

    async def _write(
        self, operation: str, path: str, wish: Mapping[str, Any], trace_id: str
    ) -> Reply[Receipt]:
        def refused(problem: Problem) -> SystemFailure:
            if problem.holder is None:
                return Malformed(SYSTEM, operation, problem.code)
            holder = problem.holder
            return NumberTaken(SYSTEM, operation, school=holder.school, approved=holder.approved)

        return await register.carry_out(
            self._line, operation, path, wish, trace_id=trace_id, conflict=refused
        )

    def _read(self, fields: Mapping[str, Any], read_at: datetime) -> PrimaryRecord:
        return read_student(fields, read_at, crosswalks=self._crosswalks)
