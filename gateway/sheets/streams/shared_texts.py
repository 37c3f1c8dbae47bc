"""The texts a workbook's cells share, packed tightly: a million names in a few megabytes."""

from array import array
from collections.abc import Iterable
from xml.parsers import expat

from gateway.sheets.faults import ListRefused

_MOST_BYTES = 96 * 1024 * 1024
_MOST_TEXTS = 4_000_000


class SharedTexts:
    """Texts by their place; reading aids (phonetic runs) are left out."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._ends = array("L", [0])
        self._in_text = False
        self._aside = 0

    def __getitem__(self, place: int) -> str:
        """The text at a place; raise `IndexError`."""
        if not 0 <= place < len(self._ends) - 1:
            raise IndexError(place)
        return self._packed[self._ends[place] : self._ends[place + 1]].decode()

    def read(self, pieces: Iterable[bytes]) -> None:
        """Take in the part that holds them; raise `ListRefused` where it is out of measure."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        for piece in pieces:
            parser.Parse(piece, False)
            if len(self._packed) > _MOST_BYTES or len(self._ends) > _MOST_TEXTS:
                raise ListRefused("oversized_workbook")
        parser.Parse(b"", True)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._in_text = local == "t"
        self._aside += local == "rPh"

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._in_text = False
        self._aside -= local == "rPh"
        if local == "si":
            self._ends.append(len(self._packed))

    def _characters(self, text: str) -> None:
        if self._in_text and not self._aside:
            self._packed += text.encode()


def refuse_doctype(*_declaration: object) -> None:
    """Raise `ListRefused`: no workbook has a document type declaration."""
    raise ListRefused("broken_workbook")
