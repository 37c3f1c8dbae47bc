"""From a raw cell, whatever door it came through, to clean text or a named fault."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from gateway.sheets.columns import (
    COLUMNS,
    NUMBERS,
    REPORTED,
    REPORTED_ON,
    ROW,
    date_in,
    reported_is_readable,
)
from gateway.sheets.faults import CellFault, ListRefused, fault
from gateway.sheets.rows import ListRow

Cell = str | int | float | bool | date | datetime | time | timedelta | None

# Controls, soft hyphen, zero-width and bidirectional marks, separators, surrogates, tags,
# non-characters and U+FFFD. Private-use characters and variation selectors are parts of names.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
# What a spreadsheet makes of a long number: 3.30106E+17.
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+|[0-9]\.[0-9]+[eE][0-9]+")
# A double keeps fifteen decimal digits; whatever is longer has been rounded.
_EXACT_BELOW = 1e15


def text_of(cell: Cell) -> str:
    """The cell as text: blanks around it gone, dates as 2026-09-01, whole numbers without point."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_BELOW:
        return str(int(cell))
    return str(cell)


def clean_row(places: Mapping[str, int], raw: Sequence[Cell], line: int) -> ListRow:
    """The row under canonical headings, each refused cell blank and named among the faults."""
    cells = dict.fromkeys(COLUMNS, "")
    faults: list[CellFault] = []
    for column, place in places.items():
        cell = raw[place] if place < len(raw) else None
        text = text_of(cell)
        reason = _refusal(column, cell, text)
        if reason:
            faults.append(fault(column, reason))
        else:
            cells[column] = text
    return ListRow(cells[ROW] or str(line), line, cells, (*faults, *_labels(cells)))


def check_lengths(raw: Sequence[Cell], line: int, cell_bytes: int, names: Sequence[str]) -> None:
    """Refuse the list where a text of this row is longer than `cell_bytes` in UTF-8."""
    for place, cell in enumerate(raw):
        # A character takes four bytes at most, so that short texts need no encoding.
        if not isinstance(cell, str) or len(cell) * 4 <= cell_bytes:
            continue
        if len(cell.encode("utf-8", "surrogatepass")) > cell_bytes:
            raise ListRefused("cell_too_long", line=line, column=names[place])


def letters(place: int) -> str:
    """The spreadsheet's own name of a column: A, B, … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _refusal(column: str, cell: Cell, text: str) -> str | None:
    if column in NUMBERS and _destroyed(cell, text):
        return "number_destroyed"
    if _FORBIDDEN.search(text):
        return "forbidden_character"
    return None


def _destroyed(cell: Cell, text: str) -> bool:
    if isinstance(cell, int | float):
        return abs(cell) >= _EXACT_BELOW
    return _SCIENTIFIC.fullmatch(text) is not None


def _labels(cells: Mapping[str, str]) -> list[CellFault]:
    faults = []
    if not reported_is_readable(cells):
        faults.append(fault(REPORTED, "unknown_reported"))
    if cells[REPORTED_ON] and date_in(cells[REPORTED_ON]) is None:
        faults.append(fault(REPORTED_ON, "unreadable_reported_date"))
    return faults
