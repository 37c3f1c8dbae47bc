"""The result sheet of a list: what became of each child, and the faulty rows to hand in again."""

import asyncio
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import OUTCOME_LABELS
from gateway.intake.doors.lines import Line, intake_lines
from gateway.intake.doors.sight import Sight
from gateway.intake.doors.views import Wordings
from gateway.intake.handover import load
from gateway.intake.lists import ResultRow, write_result_sheet
from gateway.intake.rules.situations import Wording
from gateway.intake.tables import intake_rows
from gateway.sealing import DataKey, Sealer, load_keys

AT_ONCE = 500


async def result_sheet(
    connection: AsyncConnection, sealer: Sealer, wordings: Wordings, sight: Sight, intake_id: str
) -> bytes:
    """The workbook of an intake."""
    results: list[ResultRow] = []
    after = 0
    while lines := await intake_lines(connection, sealer, intake_id, after, AT_ONCE):
        results += await _results(connection, sealer, wordings, sight, intake_id, lines)
        after = lines[-1].line
    # Seconds of work for the largest list: others are answered meanwhile.
    return await asyncio.to_thread(write_result_sheet, results)


async def _results(
    connection: AsyncConnection,
    sealer: Sealer,
    wordings: Wordings,
    sight: Sight,
    intake_id: str,
    lines: Sequence[Line],
) -> list[ResultRow]:
    handovers = {h.handover_id: h for h in await load(connection, {x.handover_id for x in lines})}
    keys = await load_keys(connection, [h.key_id for h in handovers.values()], sealer)
    cells = await _sealed_cells(connection, intake_id, lines)
    results = []
    for line in lines:
        handover = handovers[line.handover_id]
        if (key := keys.get(handover.key_id)) is not None:
            handed_in = _opened(cells.get(line.line), key)
            name = handover.identity(key).name
            results.append(_result(line, name, handed_in, wordings[line.situation], sight))
    return results


async def _sealed_cells(
    connection: AsyncConnection, intake_id: str, lines: Sequence[Line]
) -> Mapping[int, bytes]:
    """The cells of those rows that have to be corrected."""
    query = select(intake_rows.c.line, intake_rows.c.sealed_cells).where(
        intake_rows.c.intake_id == intake_id,
        intake_rows.c.line >= lines[0].line,
        intake_rows.c.line <= lines[-1].line,
        intake_rows.c.sealed_cells.is_not(None),
    )
    return {row.line: row.sealed_cells for row in await connection.execute(query)}


def _opened(sealed: bytes | None, key: DataKey) -> Mapping[str, str]:
    cells: Mapping[str, str] = json.loads(key.open(sealed, "cells")) if sealed else {}
    return cells


def _result(
    line: Line, name: str, cells: Mapping[str, str], wording: Wording, sight: Sight
) -> ResultRow:
    return ResultRow(
        row=line.row,
        name=name,
        state=wording.zh,
        reason="；".join(found.message_zh for found in line.faults),
        turn=wording.turn_zh,
        next_step=wording.clerk_zh,
        number=sight.number(line.number) or "",
        problems="；".join(OUTCOME_LABELS[one] for one in sight.problems(line.problems)),
        cells=cells,
        faults=line.faults,
    )
