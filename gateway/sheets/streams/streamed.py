"""A long sheet on its way in: its heading is found, its limits are kept, its rows come out."""

from collections.abc import Iterator, Sequence

from gateway.sheets.cells import check_lengths, clean_row, letters, text_of
from gateway.sheets.columns import Heading, looks_like_heading, read_heading
from gateway.sheets.faults import ListRefused
from gateway.sheets.reading import CSV, JSON, XLSX
from gateway.sheets.rows import Limits, ListRow
from gateway.sheets.streams.delimited import DelimitedLines
from gateway.sheets.streams.json_rows import JsonRows
from gateway.sheets.streams.line import Line, Source
from gateway.sheets.streams.workbook import WorkbookLines

_HEADING_WITHIN = 20  # lines: titles and remarks may stand above the heading
_KINDS_OF_ROWS = 1000  # a program leaves out blank cells: rows with many different keys


class StreamedSheet:
    """The rows of a sheet, each as soon as its bytes are there.

    What is wrong with single cells is said in their row's `faults`. Raises `ListRefused` for
    whatever spoils the sheet as a whole, which may be found after rows came out.
    """

    def __init__(self, media_type: str, limits: Limits, required: Sequence[str]) -> None:
        """Take a sheet of this type that has the `required` columns."""
        self._limits = limits
        self._required = required
        self._source = self._open(media_type.partition(";")[0].strip().lower())
        self._bytes = 0
        self._rows = 0
        self._blank = 0
        self._names: list[str] = []
        self._heading: Heading | None = None
        self._headings: dict[tuple[str, ...], Heading] = {}

    def feed(self, piece: bytes) -> Iterator[ListRow]:
        """The rows that are whole with this piece."""
        self._bytes += len(piece)
        if self._bytes > self._limits.body_bytes:
            raise ListRefused("body_too_large")
        yield from self._read(self._source.feed(piece))

    def end(self) -> Iterator[ListRow]:
        """The rows that were left; raise `ListRefused` where there was none at all."""
        yield from self._read(self._source.end())
        if not self._rows:
            raise ListRefused("no_heading" if self._heading is None else "no_rows")

    def _open(self, media_type: str) -> Source:
        if media_type == CSV:
            return DelimitedLines(self._limits)
        if media_type == JSON:
            return JsonRows()
        if media_type == XLSX:
            return WorkbookLines(self._limits, self._is_heading, _HEADING_WITHIN)
        raise ListRefused("unsupported_type")

    def _read(self, lines: Iterator[Line]) -> Iterator[ListRow]:
        for line in lines:
            heading = self._heading_for(line)
            if heading is None:
                continue
            if not any(text_of(cell) for cell in line.cells):
                self._skip(line)
                continue
            self._rows += 1
            if self._rows > self._limits.rows:
                raise ListRefused("too_many_rows", line=line.number)
            self._check_lengths(line)
            yield clean_row(heading.places, line.cells, line.number)

    def _check_lengths(self, line: Line) -> None:
        missing = range(len(self._names), len(line.cells))
        self._names.extend(letters(place) for place in missing)
        check_lengths(line.cells, line.number, self._limits.cell_bytes, self._names)

    def _skip(self, line: Line) -> None:
        self._blank += 1
        if self._blank > self._limits.rows:
            raise ListRefused("too_many_rows", line=line.number)

    def _heading_for(self, line: Line) -> Heading | None:
        """The heading this line stands under; None for what stands above it, and for itself."""
        if line.titles is not None:
            return self._heading_of(line.titles, line.number)
        if self._heading is not None:
            return self._heading
        if self._is_heading(line):
            titles = [text_of(cell) for cell in line.cells]
            self._heading = read_heading(titles, line.number, self._required)
        elif line.number > _HEADING_WITHIN:
            raise ListRefused("no_heading")
        return None

    def _heading_of(self, titles: tuple[str, ...], line: int) -> Heading:
        known = self._headings.get(titles)
        if known is None:
            if len(self._headings) >= _KINDS_OF_ROWS:
                raise ListRefused("json_shape", line=line)
            known = self._headings[titles] = read_heading(titles, line, self._required)
            self._heading = known
        return known

    def _is_heading(self, line: Line) -> bool:
        return looks_like_heading([text_of(cell) for cell in line.cells], len(self._required))
