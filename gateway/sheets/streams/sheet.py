"""The lines of one worksheet, read from its XML without ever holding more than a piece of it."""

import re
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from gateway.sheets.cells import Cell
from gateway.sheets.faults import ListRefused
from gateway.sheets.streams.line import Line
from gateway.sheets.streams.shared_texts import SharedTexts, refuse_doctype

_COLUMNS = 256  # cells further right are no part of a list
_ELEMENTS_A_ROW = 16_384 * 3
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_TEXTS = frozenset({"str", "inlineStr", "e"})


class Sheet:
    """Reads a worksheet; every line up to the last filled one comes out, blank ones without cells.

    Formulas count by the value last computed, errors as the text they show.
    """

    def __init__(self, shared: SharedTexts, cell_bytes: int) -> None:
        self._shared = shared
        self._cell_bytes = cell_bytes
        self._done: list[Line] = []
        self._number = 0
        self._cells: list[Cell] = []
        self._place = -1
        self._kind = ""
        self._text = ""
        self._collecting = False
        self._aside = 0
        self._elements = 0

    def lines(self, pieces: Iterable[bytes]) -> Iterator[Line]:
        """The lines, in order; raise `ListRefused`, or what broken XML raises."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in pieces:
            parser.Parse(piece, False)
            yield from self._take()
        parser.Parse(b"", True)
        yield from self._take()

    def _take(self) -> list[Line]:
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _ELEMENTS_A_ROW:
            raise ListRefused("oversized_workbook")
        local = name.rpartition(":")[2]
        if local == "row":
            self._open_row(attributes)
        elif local == "c":
            self._open_cell(attributes)
        elif local == "rPh":
            self._aside += 1
        else:
            self._collecting = local == "v" or (local == "t" and self._kind == "inlineStr")

    def _open_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self._number + 1))
        if number <= self._number:
            raise ListRefused("broken_workbook", line=number)
        self._number, self._cells, self._place, self._elements = number, [], -1, 0

    def _open_cell(self, attributes: dict[str, str]) -> None:
        named = attributes.get("r")
        self._place = self._place + 1 if named is None else _column(named)
        self._kind, self._text = attributes.get("t", "n"), ""

    def _characters(self, text: str) -> None:
        if not self._collecting or self._aside:
            return
        self._text += text
        if len(self._text) > self._cell_bytes:
            raise ListRefused("cell_too_long", line=self._number)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._collecting = False
        if local == "c":
            self._close_cell()
        elif local == "row":
            self._done.append(Line(self._number, self._cells))
        elif local == "rPh":
            self._aside -= 1

    def _close_cell(self) -> None:
        if not self._text or not 0 <= self._place < _COLUMNS:
            return
        self._cells.extend([None] * (self._place - len(self._cells)))
        if self._place == len(self._cells):
            self._cells.append(self._value())

    def _value(self) -> Cell:
        if self._kind == "s":
            return _unescaped(self._shared[int(self._text)])
        if self._kind in _TEXTS:
            return _unescaped(self._text)
        if self._kind == "b":
            return self._text == "1"
        return float(self._text)


def _column(place: str) -> int:
    """The column a cell's name stands for, A being 0."""
    column = 0
    for letter in place.rstrip("0123456789").upper():
        if not "A" <= letter <= "Z":
            raise ListRefused("broken_workbook")
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
