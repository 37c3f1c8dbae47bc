"""The Excel door: the list's sheet of an .xlsx that was measured before it was opened."""

import io
from collections.abc import Iterator, Sequence
from itertools import islice

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from gateway.sheets.cells import Cell, text_of
from gateway.sheets.columns import looks_like_heading
from gateway.sheets.faults import ListRefused
from gateway.sheets.rows import Limits
from gateway.sheets.workbook_size import measure_workbook

# The sheet of a result workbook that holds the rows to correct; it is read before any other.
CORRECTIONS = "更正后重传"


def workbook_lines(content: bytes, limits: Limits) -> "_Lines":
    """The lines of the workbook's list, numbered as the spreadsheet numbers them."""
    measure_workbook(content, limits)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return _Lines(_list_sheet(workbook))
    except (CalamineError, ValueError, OSError):
        raise ListRefused("broken_workbook") from None


class _Lines:
    """The lines of one sheet, read anew at each call."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self._sheet = sheet

    def __call__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        return enumerate(self._sheet.iter_rows(), 1)  # blank lines at the top are among them


def _list_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    """The sheet of corrections, else the first visible one with a list's heading, else the first.

    An instruction sheet often stands before the list.
    """
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
    ]
    if not visible:
        raise ListRefused("broken_workbook")
    if CORRECTIONS in visible:
        return workbook.get_sheet_by_name(CORRECTIONS)
    sheets = [workbook.get_sheet_by_name(name) for name in visible]
    return next((sheet for sheet in sheets if _has_heading(sheet)), sheets[0])


def _has_heading(sheet: CalamineSheet) -> bool:
    rows = islice(sheet.iter_rows(), 20)
    return any(looks_like_heading([text_of(cell) for cell in row]) for row in rows)
