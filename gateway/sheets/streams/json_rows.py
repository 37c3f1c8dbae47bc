"""JSON rows as they arrive: an array of objects, or an object whose `rows` is one."""

import codecs
import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from gateway.sheets.faults import ListRefused
from gateway.sheets.streams.line import Line

_OPENING = re.compile(r'[ \t\r\n]*(?:\{[ \t\r\n]*"rows"[ \t\r\n]*:[ \t\r\n]*)?\[')
_BETWEEN = re.compile(r"[ \t\r\n]*(,?)[ \t\r\n]*")
_CLOSING = re.compile(r"[ \t\r\n]*\][ \t\r\n]*(\}?)[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = 40  # nothing that is listed is longer
_LONGEST_ROW = 256 * 1024


class JsonRows:
    """The objects of the array, numbered from 1."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._opened = False
        self._wrapped = False
        self._closed = False
        self._rows = 0

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The rows that end in this piece."""
        self._read(piece, final=False)
        yield from self._lines()

    def end(self) -> Iterator[Line]:
        """Nothing more; raise `ListRefused` where the array is not closed."""
        self._read(b"", final=True)
        yield from self._lines()
        closed = _CLOSING.fullmatch(self._text) if self._opened else None
        if closed is None or bool(closed[1]) is not self._wrapped:
            raise ListRefused("broken_json" if self._opened else "json_shape")

    def _read(self, piece: bytes, *, final: bool) -> None:
        try:
            self._text += self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            raise ListRefused("broken_json") from None

    def _lines(self) -> Iterator[Line]:
        place = self._open()
        while self._opened and (following := self._next(place)) is not None:
            row, place = following
            self._rows += 1
            yield Line(self._rows, list(row.values()), tuple(row))
        self._text = self._text[place:]
        if len(self._text) > _LONGEST_ROW:
            raise ListRefused("broken_json" if self._opened else "json_shape")

    def _open(self) -> int:
        if self._opened:
            return 0
        opening = _OPENING.match(self._text)
        if opening is None:
            return 0
        self._opened, self._wrapped = True, "{" in opening[0]
        return opening.end()

    def _next(self, place: int) -> tuple[dict[str, Any], int] | None:
        """The row that begins here and where it ends; None while it is not whole."""
        between = _BETWEEN.match(self._text, place)
        start = between.end() if between else place
        if start >= len(self._text) or self._text[start] == "]":
            return None
        if bool(between and between[1]) is not (self._rows > 0):
            raise ListRefused("broken_json", line=self._rows + 1)
        if self._text[start] != "{":
            raise ListRefused("json_shape", line=self._rows + 1)
        try:
            row, end = _DECODER.raw_decode(self._text, start)
        except RecursionError:
            raise ListRefused("broken_json", line=self._rows + 1) from None
        except json.JSONDecodeError:
            return None  # not whole yet, or broken: then it never will be
        return row, end


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ListRefused("json_duplicate_key")
    for key, cell in pairs:
        if isinstance(cell, dict | list):
            raise ListRefused("json_shape")
        if _SURROGATE.search(key) or (isinstance(cell, str) and _SURROGATE.search(cell)):
            raise ListRefused("json_surrogate")
    return row


def _integer(text: str) -> int:
    return int(text) if len(text) <= _DIGITS else _refuse_number(text)


def _number(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) and len(text) <= _DIGITS else _refuse_number(text)


def _refuse_number(_text: str) -> NoReturn:
    raise ListRefused("json_number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_refuse_number,
    parse_float=_number,
    parse_int=_integer,
)
