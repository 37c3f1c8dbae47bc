"""The JSON door: an array of rows, or an object with `rows`; every known trap is refused."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from gateway.sheets.cells import Cell
from gateway.sheets.faults import ListRefused
from gateway.sheets.rows import Limits

_SURROGATE = re.compile("[\ud800-\udfff]")
_DIGITS = 40  # nothing a school lists is longer; int() of thousands of digits would take its time


def json_lines(content: bytes, limits: Limits) -> "_Rows":
    """The rows of a JSON list, numbered from 1; line 0 holds their keys."""
    rows = _rows_in(_load(content))
    if len(rows) > limits.rows:
        raise ListRefused("too_many_rows", line=limits.rows + 1)
    for line, row in enumerate(rows, 1):
        _check_shape(row, line)
    return _Rows(rows)


class _Rows:
    """The rows under one row of keys, read anew at each call."""

    def __init__(self, rows: Sequence[dict[str, Cell]]) -> None:
        self._rows = rows
        self._keys = tuple(dict.fromkeys(key for row in rows for key in row))

    def __call__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        yield 0, self._keys
        for line, row in enumerate(self._rows, 1):
            yield line, [row.get(key) for key in self._keys]


def _load(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_refuse_number,
            parse_float=_number,
            parse_int=_integer,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ListRefused("broken_json") from None


def _rows_in(document: Any) -> list[dict[str, Cell]]:
    rows = document.get("rows") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise ListRefused("json_shape")
    if not rows:
        raise ListRefused("no_rows")
    return rows


def _check_shape(row: Any, line: int) -> None:
    if not isinstance(row, dict):
        raise ListRefused("json_shape", line=line)
    for cell in row.values():
        if isinstance(cell, dict | list):
            raise ListRefused("json_shape", line=line)
        if isinstance(cell, str) and _SURROGATE.search(cell):
            raise ListRefused("json_surrogate", line=line)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if any(_SURROGATE.search(key) for key, _ in pairs):
        raise ListRefused("json_surrogate")
    built = dict(pairs)
    if len(built) < len(pairs):
        raise ListRefused("json_duplicate_key")
    return built


def _integer(text: str) -> int:
    return int(text) if len(text) <= _DIGITS else _refuse_number(text)


def _number(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) and len(text) <= _DIGITS else _refuse_number(text)


def _refuse_number(_text: str) -> NoReturn:
    raise ListRefused("json_number")
