"""One engine for all doors: bytes of a known media type in, clean rows out."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from gateway.sheets.cells import Cell, check_lengths, clean_row, letters, text_of
from gateway.sheets.columns import Heading, column_of, looks_like_heading, read_heading
from gateway.sheets.delimited import delimited_lines
from gateway.sheets.faults import ListRefused
from gateway.sheets.json_rows import json_lines
from gateway.sheets.rows import Limits, ListRow, SchoolList
from gateway.sheets.workbook import workbook_lines

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
JSON = "application/json"

# A door gives the numbered lines of a list, again each time it is called.
Lines = Callable[[], Iterator[tuple[int, Sequence[Cell]]]]
_DOORS: dict[str, Callable[[bytes, Limits], Lines]] = {
    XLSX: workbook_lines,
    CSV: delimited_lines,
    JSON: json_lines,
}
_SUFFIXES = {".xlsx": XLSX, ".csv": CSV, ".json": JSON}
_HEADING_WITHIN = 20  # lines: titles and remarks may stand above the heading


def media_type_of(file_name: str) -> str:
    """The media type a file's suffix stands for; raise `ListRefused` for any other suffix."""
    for suffix, media_type in _SUFFIXES.items():
        if file_name.lower().endswith(suffix):
            return media_type
    raise ListRefused("unsupported_type")


def read_list(content: bytes, media_type: str, limits: Limits | None = None) -> SchoolList:
    """The list in `content`; raise `ListRefused` before the first row where the file is no list.

    Every row that is not wholly blank is there. Whatever is wrong with single cells is said in
    their row's `faults` and spoils no other row.
    """
    limits = limits or Limits()
    door = _DOORS.get(media_type.partition(";")[0].strip().lower())
    if door is None:
        raise ListRefused("unsupported_type")
    if len(content) > limits.body_bytes:
        raise ListRefused("body_too_large")
    lines = door(content, limits)
    heading, heading_line = _find_heading(lines)
    _check_limits(lines, heading_line, limits)
    return SchoolList(_rows(lines, heading, heading_line), heading.ignored, heading.dropped)


def _find_heading(lines: Lines) -> tuple[Heading, int]:
    for line, raw in islice(lines(), _HEADING_WITHIN):
        titles = [text_of(cell) for cell in raw]
        if looks_like_heading(titles):
            return read_heading(titles, line), line
    raise ListRefused("no_heading")


def _check_limits(lines: Lines, heading_line: int, limits: Limits) -> None:
    names: list[str] = []
    count = 0
    for line, raw in lines():
        names = [*names, *(letters(place) for place in range(len(names), len(raw)))]
        check_lengths(raw, line, limits.cell_bytes, names)
        if line == heading_line:
            names = [column_of(text_of(cell)) or letters(place) for place, cell in enumerate(raw)]
        count += line > heading_line and _filled(raw)
        if count > limits.rows:
            raise ListRefused("too_many_rows", line=line)
    if not count:
        raise ListRefused("no_rows")


def _rows(lines: Lines, heading: Heading, heading_line: int) -> Iterator[ListRow]:
    for line, raw in lines():
        if line > heading_line and _filled(raw):
            yield clean_row(heading.places, raw, line)


def _filled(raw: Sequence[Cell]) -> bool:
    return any(text_of(cell) for cell in raw)
