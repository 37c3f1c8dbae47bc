"""Workbooks handed to a register: their rows read as texts, each answered with its own receipt."""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import resources
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook
from starlette.responses import Response

from adapters.simulation.answers import accept, refuse, refused_at_the_door
from adapters.simulation.operations import Call

Cells = dict[str, str]
_EXACT = 2**53


class RowRefused(Exception):
    """A row the register does not take, with the column at fault and the reason's code."""

    def __init__(self, column: str, code: str) -> None:
        super().__init__(code)
        self.column = column
        self.code = code


def decode_sheet(body: bytes) -> dict[str, Any] | None:
    """The rows of the first sheet under its titles, or None where it is no workbook."""
    try:
        lines = CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError, ValueError):
        return None
    if not lines:
        return {"rows": []}
    titles = [_text(cell) for cell in lines[0]]
    rows = [dict(zip(titles, map(_text, cells), strict=False)) for cells in lines[1:]]
    return {"rows": rows}


def sheet_titles(party: str) -> tuple[str, ...]:
    """The titles of the workbook a register takes, in its order."""
    text = (resources.files("contracts") / party / "sheet.csv").read_text("utf-8")
    return tuple(row["title"] for row in csv.DictReader(text.splitlines()))


def answer_sheet(
    call: Call, titles: Sequence[str], take: Callable[[Cells, str], Mapping[str, str]]
) -> Response:
    """A receipt or a refusal for each row; a bad row never spoils the others.

    `take` carries one row out under the id it is given (the sheet's and the row's) and returns
    its receipt, or raises `RowRefused`.
    """
    refusal = refused_at_the_door(call)
    if refusal is not None:
        return refusal
    request_id = call.headers.get("x-request-id", "")
    if call.question is None or not request_id:
        return refuse(call, 400, "unreadable" if call.question is None else "id_missing")
    rows: list[Cells] = call.question["rows"]
    if rows and not set(titles).issubset(rows[0]):
        return refuse(call, 422, "columns_missing")
    taken = [
        _taken(line, {title: cells[title] for title in titles}, f"{request_id}/{line}", take)
        for line, cells in enumerate(rows, start=2)
        if any(cells.values())
    ]
    return accept(call, {"requestId": request_id, "rows": taken})


def _taken(
    line: int, cells: Cells, request_id: str, take: Callable[[Cells, str], Mapping[str, str]]
) -> dict[str, Any]:
    try:
        return {"row": line, "receipt": take(cells, request_id), "problem": None}
    except RowRefused as refused:
        problem = {"column": refused.column, "code": refused.code}
        return {"row": line, "receipt": None, "problem": problem}


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    # A long number kept as a number has lost its last digits: it stays in the scientific form
    # it is shown in, and fails the checks of whoever reads it.
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    return str(cell).strip()
