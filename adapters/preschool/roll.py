"""The children attending an area's kindergartens, a page at a time."""

from itertools import pairwise
from typing import Any

from adapters import wire
from adapters.register import Read
from adapters.replies import Answered
from adapters.wire import Line, Request
from contracts.capabilities import Reply, RollPage
from contracts.records import PreschoolRecord


class Page(Answered):
    """Up to as many records as were asked for, in the order of their keys."""

    records: list[dict[str, Any]]
    more: bool


async def fetch_page(
    line: Line, area: str, after: str, limit: int, read: Read[PreschoolRecord], *, trace_id: str
) -> Reply[RollPage]:
    """The records after a key, each key once and in order; more only behind a last one."""
    body = wire.encode(line, "roll", {"area": area, "after": after, "limit": limit})
    request = Request("roll", "/v1/records/roll", body, trace_id)
    reply = await wire.ask(line, request, Page)
    page = reply.value
    with wire.within_contract(line, request):
        records = tuple(read(cells, page.answered_at) for cells in page.records)
    keys = [after, *(record.record_id for record in records)]
    ascending = all(one < other for one, other in pairwise(keys))
    if not ascending or len(records) > limit or (page.more and not records):
        raise wire.outside(line, request, "sequence")
    return Reply(RollPage(records, page.more), reply.asked, reply.answered)
