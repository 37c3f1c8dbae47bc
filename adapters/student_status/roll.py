"""A school's students, page by page, while others are being entered."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from adapters import wire
from adapters.register import Read
from adapters.replies import Answered
from adapters.wire import Line, Request
from contracts.capabilities import Reply
from contracts.records import PrimaryRecord

# More pages than any school has: a register that never stops paging is not believed.
_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Roll:
    """The students seen, each once; read the changes after `version` to have them all.

    A student entered or removed while the pages are turned shifts the rows behind: one may be
    met twice, another not at all. Whoever was missed is in a change after `version`.
    """

    students: tuple[PrimaryRecord, ...] = field(repr=False)
    version: int


class Page(Answered):
    """Up to twenty rows, how many there are in all, and the version of the register."""

    total: int = Field(ge=0)
    version: int = Field(ge=0)
    rows: list[dict[str, Any]]


async def fetch_roll(
    line: Line, school: str, read: Read[PrimaryRecord], *, trace_id: str
) -> Reply[Roll]:
    """The students of a school as the pages show them, and the version before the first page."""
    replies: list[Reply[Page]] = []
    students: dict[str, PrimaryRecord] = {}
    start = 0
    for _ in range(_PAGES):
        body = wire.encode(line, "students", {"school": school, "start": start})
        request = Request("students", "/v1/schools/students", body, trace_id)
        replies.append(await wire.ask(line, request, Page))
        page = replies[-1].value
        with wire.within_contract(line, request):
            seen = [read(row, page.answered_at) for row in page.rows]
        students.update((student.record_id, student) for student in seen)
        start += len(seen)
        if not seen or start >= page.total:
            return _sum(replies, Roll(tuple(students.values()), replies[0].value.version))
    raise wire.outside(line, request, "endless")


def _sum(replies: list[Reply[Page]], roll: Roll) -> Reply[Roll]:
    asked = b"\n".join(reply.asked for reply in replies)
    return Reply(roll, asked, b"\n".join(reply.answered for reply in replies))
