"""The CSV door: UTF-8 with or without BOM, or GB18030; never a guess, never a mixture."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from contracts.gb18030 import decode
from gateway.sheets.cells import Cell
from gateway.sheets.faults import ListRefused
from gateway.sheets.rows import Limits

_BOM = b"\xef\xbb\xbf"
# Two or more Chinese characters in UTF-8, alone in their field. Three GB18030 characters can
# look like that only where the first is a rare one and all bytes fall right.
_UTF8_FIELD = re.compile(rb'(?:^|[,"\r\n])(?:[\xe4-\xe9][\x80-\xbf]{2}){2,}(?=[,"\r\n]|$)')


def delimited_lines(content: bytes, limits: Limits) -> "_Records":
    """The records of a comma-separated list, numbered by the line they end on."""
    return _Records(_decode(content), limits.body_bytes)


class _Records:
    """The records, read anew at each call."""

    def __init__(self, text: str, field_limit: int) -> None:
        self._text = text
        # The csv module's own limit would hide which column is too long.
        csv.field_size_limit(max(csv.field_size_limit(), field_limit))

    def __call__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        records = csv.reader(io.StringIO(self._text, newline=""), strict=True)
        try:
            for record in records:
                yield records.line_num, record
        except csv.Error:
            raise ListRefused("broken_csv", line=records.line_num) from None


def _decode(content: bytes) -> str:
    if content.startswith(_BOM):
        return _strictly_utf8(content[len(_BOM) :])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _gb18030(content)


def _strictly_utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ListRefused("mixed_encoding") from None


def _gb18030(content: bytes) -> str:
    if _UTF8_FIELD.search(content):
        raise ListRefused("mixed_encoding")
    try:
        return decode(content)
    except UnicodeDecodeError:
        raise ListRefused("mixed_encoding") from None
