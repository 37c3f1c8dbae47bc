"""Walks through a workbook's XML and adds up what its cells will weigh once they are read."""

from collections.abc import Iterable
from functools import lru_cache
from xml.parsers import expat

from gateway.sheets.faults import ListRefused
from gateway.sheets.rows import Limits

_AREA = 2_500_000  # cells between A1 and the farthest filled one, which a reader makes room for
_ELEMENTS = 2_000_000  # three for each cell of the largest list, with room for as many again
_TEXT_FACTOR = 2  # many cells may share one long text; what that comes to, against the body's limit


class Scan:
    """Adds up the filled area of all sheets and the texts their cells refer to."""

    def __init__(self) -> None:
        self._elements = 0
        self._area = 0
        self._text = 0
        self._shared: list[int] = []  # length of each shared text
        self._in_shared_texts = False
        self._sheet = _Sheet()

    def read(self, pieces: Iterable[bytes]) -> None:
        """Take in one XML file; raise `ListRefused` for a DTD, `ExpatError` for broken XML."""
        self._sheet = _Sheet()
        self._in_shared_texts = False
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._characters
        for piece in pieces:
            parser.Parse(piece, False)
            if self._elements > _ELEMENTS:
                raise ListRefused("oversized_workbook")
        parser.Parse(b"", True)
        self._follow_reference()
        self._area += self._sheet.rows * self._sheet.columns

    def check(self, limits: Limits) -> None:
        """Raise `ListRefused` where reading the workbook would take too much room."""
        if self._area > _AREA or self._text > limits.body_bytes * _TEXT_FACTOR:
            raise ListRefused("oversized_workbook")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        local = name.rpartition(":")[2]
        if local == "c":
            self._follow_reference()
            self._sheet.open_cell(attributes)
        elif local == "row":
            self._sheet.open_row(attributes)
        elif local in ("v", "is"):
            self._sheet.fill_cell()
        elif local == "si":
            self._shared.append(0)
            self._in_shared_texts = True

    def _characters(self, text: str) -> None:
        if self._in_shared_texts:
            self._shared[-1] += len(text)
        elif self._sheet.refers:
            self._sheet.reference += text

    def _follow_reference(self) -> None:
        """Add the shared text that the cell just left points to."""
        if self._sheet.reference:
            self._text += self._shared[int(self._sheet.reference)]
            self._sheet.reference = ""


class _Sheet:
    """Where in one sheet the scan stands, and how far its filled cells reach."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self.refers = False  # whether the open cell points to a shared text
        self.reference = ""
        self._row = 0
        self._column = 0

    def open_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = 0

    def open_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            letters = place.rstrip("0123456789")
            self._row = int(place[len(letters) :])
            self._column = _number(letters)
        self.refers = attributes.get("t") == "s"

    def fill_cell(self) -> None:
        if self._row > self.rows:
            self.rows = self._row
        if self._column > self.columns:
            self.columns = self._column


@lru_cache(maxsize=1024)
def _number(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _refuse_doctype(*_declaration: object) -> None:
    raise ListRefused("broken_workbook")
