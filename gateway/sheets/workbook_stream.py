"""Writes an .xlsx of one sheet as its rows come and keeps none of it."""

import io
import zipfile
from collections.abc import Sequence

from gateway.sheets.workbook_writer import (
    begin_sheet,
    end_sheet,
    entry_of,
    sheet_path,
    write_fixed_parts,
    write_row,
)


class WorkbookStream:
    """A workbook under way; whatever is written is handed over at once."""

    def __init__(self, sheet: str) -> None:
        """Begin a workbook with one sheet of this name; the first row added is its heading."""
        self._sink = _Sink()
        self._archive = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)
        write_fixed_parts(self._archive, (sheet,))
        self._part = self._archive.open(entry_of(sheet_path(1)), "w", force_zip64=True)
        self._part.write(begin_sheet())
        self._rows = 0

    def add(self, rows: Sequence[Sequence[str]]) -> bytes:
        """What the archive grows by with these rows."""
        for row in rows:
            self._rows += 1
            self._part.write(write_row(row, heading=self._rows == 1))
        return self._sink.drain()

    def end(self) -> bytes:
        """The rest of the archive."""
        self._part.write(end_sheet())
        self._part.close()
        self._archive.close()
        return self._sink.drain()


class _Sink(io.RawIOBase):
    """Takes bytes until they are fetched; cannot go back, so the archive needs no more of them."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._written += piece
        return len(piece)

    def drain(self) -> bytes:
        """What was written since the last time."""
        drained = bytes(self._written)
        self._written.clear()
        return drained
