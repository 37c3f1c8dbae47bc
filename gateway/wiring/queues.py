"""What waits for each system, in items of work and in the calls they will come to."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.intake.steps.asking import PRESCHOOL, STUDENT_STATUS
from gateway.intake.steps.carrying import CARRY
from gateway.intake.steps.looking import LOOK
from gateway.intake.steps.reversing import REVERSE
from gateway.leases import work
from gateway.settings import Settings
from gateway.verification.batches.rows import ROWS_A_CHUNK
from gateway.verification.batches.turns import batch_kind
from gateway.verification.query import QUERY, VERIFY, work_kind

# The rows one item of a kind puts to a system: by number, by document and by person; one receipt.
_ROWS: Mapping[tuple[str, str], int] = {
    (LOOK, PRESCHOOL): 3,
    (LOOK, STUDENT_STATUS): 2,
}
_WRITES = frozenset({CARRY, REVERSE})  # a call for each, in both registers


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one system; `calls` is an estimate, never far too low."""

    items: int = 0
    calls: int = 0


async def load_queues(connection: AsyncConnection, settings: Settings) -> dict[str, Queue]:
    """The queue to each configured system."""
    rows = await connection.execute(select(work.c.kind, func.count()).group_by(work.c.kind))
    waiting = {kind: items for kind, items in rows}  # noqa: C416 - rows are not pairs to mypy
    return {
        name: _queue(name, system.batch_limit, waiting)
        for name, system in settings.systems.named().items()
    }


def _queue(system: str, rows_a_call: int, waiting: Mapping[str, int]) -> Queue:
    verified = {work_kind(kind, system): 1 for kind in (VERIFY, QUERY)}
    verified[batch_kind(system)] = ROWS_A_CHUNK
    rows_of = verified | {kind: rows for (kind, asked), rows in _ROWS.items() if asked == system}
    asked = {kind: rows for kind, rows in rows_of.items() if kind in waiting}
    items = sum(waiting[kind] for kind in asked)
    calls = sum(math.ceil(waiting[kind] * rows / rows_a_call) for kind, rows in asked.items())
    if system in (PRESCHOOL, STUDENT_STATUS):
        writes = sum(waiting.get(kind, 0) for kind in _WRITES)
        return Queue(items + writes, calls + writes)
    return Queue(items, calls)
