"""Comma-separated lines as they arrive: one encoding from the first Chinese character on."""

import csv
import io
import re
from collections.abc import Iterator

from contracts.gb18030 import decode
from gateway.sheets.faults import ListRefused
from gateway.sheets.rows import Limits
from gateway.sheets.streams.line import Line

_BOM = b"\xef\xbb\xbf"
# A record of a list is a few hundred bytes; a quotation mark that is never closed has no end.
_LONGEST_RECORD = 1024 * 1024
# Two or more Chinese characters in UTF-8, alone in their field: GB18030 hardly ever looks so.
_UTF8_FIELD = re.compile(rb'(?:^|[,"\r\n])(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}(?=[,"\r\n]|$)')


class DelimitedLines:
    """UTF-8, with or without BOM, or GB18030; lines are numbered as they stand in the file."""

    def __init__(self, limits: Limits) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), limits.cell_bytes, _LONGEST_RECORD))
        self._rest = b""
        self._begun = False
        self._utf8: bool | None = None  # not known while everything was ASCII
        self._lines = 0

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The records that end in this piece."""
        self._rest += piece
        if not self._begun:
            if len(self._rest) < len(_BOM):
                return
            self._begin()
        cut = self._rest.rfind(b"\n") + 1
        # Quotation marks come in pairs, so that an even number of them never splits a field. Both
        # encodings keep the mark and the line's end for themselves.
        if self._rest.count(b'"', 0, cut) % 2:
            cut = 0
        if len(self._rest) - cut > _LONGEST_RECORD + len(piece):
            raise ListRefused("broken_csv", line=self._lines + 1)
        whole, self._rest = self._rest[:cut], self._rest[cut:]
        yield from self._records(whole)

    def end(self) -> Iterator[Line]:
        """The last record, which may lack its line end."""
        if not self._begun:
            self._begin()
        whole, self._rest = self._rest, b""
        yield from self._records(whole)

    def _begin(self) -> None:
        self._begun = True
        if self._rest.startswith(_BOM):
            self._rest, self._utf8 = self._rest[len(_BOM) :], True

    def _records(self, content: bytes) -> Iterator[Line]:
        if not content:
            return
        records = csv.reader(io.StringIO(self._decode(content), newline=""), strict=True)
        try:
            for record in records:
                yield Line(self._lines + records.line_num, record)
        except csv.Error:
            raise ListRefused("broken_csv", line=self._lines + records.line_num) from None
        self._lines += records.line_num

    def _decode(self, content: bytes) -> str:
        if content.isascii():
            return content.decode("ascii")
        try:
            if self._utf8 is not False:
                text = content.decode("utf-8")
                self._utf8 = True
                return text
            if not _UTF8_FIELD.search(content):
                return decode(content)
        except UnicodeDecodeError:
            if self._utf8 is None:
                self._utf8 = False
                return self._decode(content)
        raise ListRefused("mixed_encoding")
