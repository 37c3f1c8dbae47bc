"""The result sheet of a list: what became of each child, and the faulty rows to hand in again."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.outcomes import OUTCOME_LABELS, Outcome
from gateway.intake.handover import load
from gateway.intake.lists import ResultRow, write_result_sheet
from gateway.intake.lists.faults import fault
from gateway.intake.reading import Line, intake_lines
from gateway.intake.tables import intake_rows
from gateway.intake.views import Wordings
from gateway.sealing import DataKey, Sealer, load_keys

AT_ONCE = 500


async def result_sheet(
    connection: AsyncConnection, sealer: Sealer, wordings: Wordings, intake_id: str
) -> bytes:
    """The workbook of an intake."""
    results: list[ResultRow] = []
    after = 0
    while lines := await intake_lines(connection, sealer, intake_id, after, AT_ONCE):
        results += await _results(connection, sealer, wordings, intake_id, lines)
        after = lines[-1].line
    return write_result_sheet(results)


async def _results(
    connection: AsyncConnection,
    sealer: Sealer,
    wordings: Wordings,
    intake_id: str,
    lines: Sequence[Line],
) -> list[ResultRow]:
    handovers = {h.handover_id: h for h in await load(connection, {x.handover_id for x in lines})}
    keys = await load_keys(connection, [h.key_id for h in handovers.values()], sealer)
    rows = await _rows(connection, intake_id, lines)
    return [
        _result(
            line, rows[line.line], handovers[line.handover_id].identity(key).name, key, wordings
        )
        for line in lines
        if (key := keys.get(handovers[line.handover_id].key_id)) is not None
    ]


async def _rows(
    connection: AsyncConnection, intake_id: str, lines: Sequence[Line]
) -> dict[int, Row[*tuple[Any, ...]]]:
    query = select(intake_rows.c.line, intake_rows.c.faults, intake_rows.c.sealed_cells).where(
        intake_rows.c.intake_id == intake_id,
        intake_rows.c.line >= lines[0].line,
        intake_rows.c.line <= lines[-1].line,
    )
    return {row.line: row for row in await connection.execute(query)}


def _result(
    line: Line, row: Row[*tuple[Any, ...]], name: str, key: DataKey, wordings: Wordings
) -> ResultRow:
    wording = wordings[line.situation]
    faults = tuple(fault(column, reason) for column, reason in json.loads(row.faults))
    return ResultRow(
        row=line.row,
        name=name,
        state=wording.zh,
        reason="；".join(found.message_zh for found in faults),
        turn=wording.turn_zh,
        next_step=wording.clerk_zh,
        number=line.number or "",
        problems="；".join(OUTCOME_LABELS[Outcome(problem)] for problem in line.problems),
        cells=json.loads(key.open(row.sealed_cells, "cells")) if row.sealed_cells else {},
        faults=faults,
    )
