"""Speaks to the preschool register in the words of its contract."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters import register, transport
from adapters.preschool.records import read_record
from adapters.preschool.roll import fetch_page
from adapters.replies import RowReceipt
from adapters.wire import Line, Problem
from contracts.capabilities import Advance, Changes, Question, Receipt, Reply, RollPage
from contracts.errors import ClosingRefused, Malformed, SystemFailure
from contracts.records import Institution, PreschoolRecord
from mappings import Crosswalks

SYSTEM = "preschool"
# Refusals that speak of our request and not of the child's record.
_OUR_FAULT = frozenset({"request_id_reused", "request_unknown"})


class Preschool:
    """The preschool register at the end of a client; `caller` is our name on its wire."""

    def __init__(
        self, client: transport.Client, crosswalks: Crosswalks, *, caller: str = "CN/GOV/JISUI"
    ) -> None:
        self.batch_limit = register.BATCH_LIMIT
        self._line = Line(client, SYSTEM, caller)
        self._crosswalks = crosswalks

    async def find(
        self, questions: Sequence[Question], *, trace_id: str
    ) -> Reply[tuple[tuple[PreschoolRecord, ...], ...]]:
        """The records for each question, in the order asked."""
        return await register.find(
            self._line, "/v1/records/query", questions, self._read, trace_id=trace_id
        )

    async def advance(self, mark: Advance, *, trace_id: str) -> Reply[Receipt]:
        """The receipt for the 升学 mark."""
        wish = {
            "requestId": mark.request_id,
            "recordId": mark.record_id,
            "number": mark.number,
            "school": mark.school,
            "on": mark.on.isoformat(),
        }
        return await self._write("advance", "/v1/advancements", wish, trace_id)

    async def undo_advance(self, mark: Advance, *, trace_id: str) -> Reply[Receipt]:
        """The receipt for taking the mark back."""
        wish = {"requestId": mark.request_id}
        return await self._write("undo_advance", "/v1/advancements/undo", wish, trace_id)

    async def advancement(self, request_id: str, *, trace_id: str) -> Reply[Receipt | None]:
        """The receipt of the mark sent under this id; None where none came or it was undone."""
        return await register.fate(
            self._line,
            "advancement",
            "/v1/advancements/lookup",
            request_id,
            standing="advanced",
            trace_id=trace_id,
        )

    async def preschool_changes(
        self, after: int, limit: int, *, trace_id: str
    ) -> Reply[Changes[PreschoolRecord]]:
        """The changes after a version, oldest first."""
        return await register.collect(self._line, after, limit, self._read, trace_id=trace_id)

    async def institutions(
        self, codes: Sequence[str], *, trace_id: str
    ) -> Reply[tuple[Institution, ...]]:
        """Those of the institutions asked for that the register knows."""
        return await register.list_institutions(self._line, codes, trace_id=trace_id)

    async def roll(self, area: str, after: str, limit: int, *, trace_id: str) -> Reply[RollPage]:
        """The records of children attending the area's kindergartens, after a key."""
        return await fetch_page(self._line, area, after, limit, self._read, trace_id=trace_id)

    async def submit_sheet(
        self, institution: str, sheet: bytes, *, request_id: str, trace_id: str
    ) -> Reply[tuple[RowReceipt, ...]]:
        """What became of each row of a kindergarten's 28-column workbook."""
        path = f"/v1/institutions/{institution}/sheets"
        return await register.submit(
            self._line, path, sheet, request_id=request_id, trace_id=trace_id
        )

    async def _write(
        self, operation: str, path: str, wish: Mapping[str, str], trace_id: str
    ) -> Reply[Receipt]:
        def refused(problem: Problem) -> SystemFailure:
            ours = problem.code in _OUR_FAULT
            return (Malformed if ours else ClosingRefused)(SYSTEM, operation, problem.code)

        return await register.carry_out(
            self._line, operation, path, wish, trace_id=trace_id, conflict=refused
        )

    def _read(self, cells: Mapping[str, Any], read_at: datetime) -> PreschoolRecord:
        return read_record(cells, read_at, crosswalks=self._crosswalks)
