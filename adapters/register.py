"""What is asked of both registers in the same words: find, carry out, look up, collect, list."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from adapters import wire
from adapters.replies import (
    ChangePage,
    Done,
    Fate,
    Found,
    InstitutionList,
    RowReceipt,
    SaidChange,
    TakenSheet,
    question,
)
from adapters.wire import Conflict, Line, Request
from contracts.capabilities import Change, Changes, Question, Receipt, Reply
from contracts.errors import TooMany
from contracts.records import Institution

BATCH_LIMIT = 100
R = TypeVar("R")
Read = Callable[[Mapping[str, Any], datetime], R]


async def find(
    line: Line, path: str, questions: Sequence[Question], read: Read[R], *, trace_id: str
) -> Reply[tuple[tuple[R, ...], ...]]:
    """The records for each question, in the order asked."""
    if not questions:
        return Reply((), asked=b"", answered=b"")
    if len(questions) > BATCH_LIMIT:
        raise TooMany(line.system, "find")
    body = wire.encode(line, "find", {"questions": [question(each) for each in questions]})
    request = Request("find", path, body, trace_id)
    reply = await wire.ask(line, request, Found)
    if not reply.value.answers_all(len(questions)):
        raise wire.outside(line, request, "answers")
    with wire.within_contract(line, request):
        found = tuple(
            tuple(read(record, reply.value.answered_at) for record in answer.records)
            for answer in reply.value.answers
        )
    return Reply(found, reply.asked, reply.answered)


async def carry_out(
    line: Line,
    operation: str,
    path: str,
    wish: Mapping[str, Any],
    *,
    trace_id: str,
    conflict: Conflict,
) -> Reply[Receipt]:
    """The receipt for a write asked for under `wish["requestId"]`, and of no other."""
    body = wire.encode(line, operation, wish)
    request = Request(operation, path, body, trace_id, writing=True, conflict=conflict)
    reply = await wire.ask(line, request, Done)
    if reply.value.receipt.request_id != wish["requestId"]:
        raise wire.outside(line, request, "receipt")
    return Reply(reply.value.receipt.receipt(), reply.asked, reply.answered)


async def fate(
    line: Line, operation: str, path: str, request_id: str, *, standing: str, trace_id: str
) -> Reply[Receipt | None]:
    """The receipt of a write whose effect still stands; None where it never came or was undone."""
    body = wire.encode(line, operation, {"requestId": request_id})
    request = Request(operation, path, body, trace_id)
    reply = await wire.ask(line, request, Fate)
    said = reply.value
    if said.request_id != request_id or not said.consistent:
        raise wire.outside(line, request, "receipt")
    stands = said.receipt is not None and said.state == standing
    receipt = said.receipt.receipt() if said.receipt and stands else None
    return Reply(receipt, reply.asked, reply.answered)


async def collect(
    line: Line, after: int, limit: int, read: Read[R], *, trace_id: str
) -> Reply[Changes[R]]:
    """The changes after a version, oldest first, without a gap."""
    body = wire.encode(line, "changes", {"after": after, "limit": limit})
    request = Request("changes", "/v1/changes", body, trace_id)
    reply = await wire.ask(line, request, ChangePage)
    page = reply.value
    if not page.follows(after) or len(page.changes) > limit:
        raise wire.outside(line, request, "sequence")
    with wire.within_contract(line, request):
        changes = tuple(_change(said, read, page.answered_at) for said in page.changes)
    return Reply(Changes(changes, page.cursor, page.more), reply.asked, reply.answered)


async def list_institutions(
    line: Line, codes: Sequence[str], *, trace_id: str
) -> Reply[tuple[Institution, ...]]:
    """Those of the institutions asked for that the register knows."""
    if not codes:
        return Reply((), asked=b"", answered=b"")
    body = wire.encode(line, "institutions", {"codes": list(codes)})
    request = Request("institutions", "/v1/institutions/query", body, trace_id)
    reply = await wire.ask(line, request, InstitutionList)
    known = tuple(said.institution() for said in reply.value.institutions)
    if not {each.code for each in known}.issubset(codes):
        raise wire.outside(line, request, "answers")
    return Reply(known, reply.asked, reply.answered)


async def submit(
    line: Line, path: str, sheet: bytes, *, request_id: str, trace_id: str
) -> Reply[tuple[RowReceipt, ...]]:
    """What became of each row of a workbook handed in under our id."""
    request = Request(
        "sheet", path, sheet, trace_id, wire.WORKBOOK, request_id=request_id, writing=True
    )
    reply = await wire.ask(line, request, TakenSheet)
    if reply.value.request_id != request_id:
        raise wire.outside(line, request, "receipt")
    rows = tuple(said.row_receipt() for said in reply.value.rows)
    return Reply(rows, reply.asked, reply.answered)


def _change(said: SaidChange, read: Read[R], read_at: datetime) -> Change[R]:
    return Change(
        version=said.version,
        kind=said.kind,
        occurred_at=said.occurred_at,
        record=read(said.record, read_at),
        previous_number=said.previous_number,
        code=(said.code or "").strip(),
        code_system=(said.code_system or "").strip(),
        institution_before=said.institution_before,
        institution_after=said.institution_after,
        request_id=said.request_id,
        raw=said.model_dump_json(by_alias=True).encode(),
    )
