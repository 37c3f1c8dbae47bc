"""An .xlsx read as it is unpacked: only its packed bytes and its shared texts are held."""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Protocol
from xml.parsers import expat

from gateway.sheets.faults import ListRefused
from gateway.sheets.rows import Limits
from gateway.sheets.streams.line import Line
from gateway.sheets.streams.shared_texts import SharedTexts, refuse_doctype
from gateway.sheets.streams.sheet import Sheet
from gateway.sheets.workbook_size import BROKEN, check_directory, unpacked

# Packed, a million rows of four columns take some forty megabytes.
PACKED_BYTES = 64 * 1024 * 1024
_UNPACKED_BYTES = 1024 * 1024 * 1024
_RATIO = 200
_SMALL = 1024 * 1024
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHARED = "xl/sharedStrings.xml"
_BROKEN = (*BROKEN, IndexError)


class _Heading(Protocol):
    def __call__(self, line: Line) -> bool:
        """Whether this line is the heading of a list."""


class WorkbookLines:
    """The first visible worksheet with a heading, else the first one; read once all is there."""

    def __init__(self, limits: Limits, is_heading: _Heading, heading_within: int) -> None:
        self._limits = limits
        self._is_heading = is_heading
        self._heading_within = heading_within
        self._packed = bytearray()

    def feed(self, piece: bytes) -> Iterator[Line]:
        """Nothing yet: a workbook's directory stands at its end."""
        self._packed += piece
        if len(self._packed) > PACKED_BYTES:
            raise ListRefused("body_too_large")
        yield from ()

    def end(self) -> Iterator[Line]:
        """The lines, numbered as the spreadsheet numbers them."""
        content = bytes(self._packed)
        self._packed.clear()
        try:
            yield from self._lines(content)
        except _BROKEN:
            raise ListRefused("broken_workbook") from None

    def _lines(self, content: bytes) -> Iterator[Line]:
        check_directory(content)
        entries = _entries(content)
        shared = SharedTexts()
        if _SHARED in entries:
            shared.read(unpacked(content, entries[_SHARED]))
        sheets = _visible_sheets(content, entries)
        for path in sheets:
            lines = Sheet(shared, self._limits.cell_bytes).lines(unpacked(content, entries[path]))
            head = list(islice(lines, self._heading_within))
            if path == sheets[-1] or any(self._is_heading(line) for line in head):
                yield from chain(head, lines)
                return


def _entries(content: bytes) -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > _UNPACKED_BYTES:
        raise ListRefused("oversized_workbook")
    for entry in entries:
        if entry.flag_bits & 1 or entry.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise ListRefused("broken_workbook")
        if entry.file_size > max(_SMALL, _RATIO * entry.compress_size):
            raise ListRefused("oversized_workbook")
    return {entry.filename: entry for entry in entries}


def _visible_sheets(content: bytes, entries: dict[str, zipfile.ZipInfo]) -> list[str]:
    """The paths of the worksheets a person sees, in their order."""
    targets: dict[str, str] = {}
    visible: list[str] = []

    def relation(local: str, attributes: dict[str, str]) -> None:
        if local == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            path = posixpath.normpath(posixpath.join("/xl", attributes["Target"]))
            targets[attributes["Id"]] = path.lstrip("/")

    def sheet(local: str, attributes: dict[str, str]) -> None:
        # Days are counted from 1904 in such a workbook, which nothing in a cell tells.
        if local == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            raise ListRefused("broken_workbook")
        if local == "sheet" and attributes.get("state", "visible") == "visible":
            named = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            visible.append(named)

    _walk(content, entries[_RELATIONS], relation)
    _walk(content, entries[_WORKBOOK], sheet)
    found = [targets[named] for named in visible if targets.get(named) in entries]
    if not found:
        raise ListRefused("broken_workbook")
    return found


def _walk(
    content: bytes, entry: zipfile.ZipInfo, see: Callable[[str, dict[str, str]], None]
) -> None:
    if entry.file_size > _SMALL:
        raise ListRefused("oversized_workbook")
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda name, found: see(name.rpartition(":")[2], found)
    for piece in unpacked(content, entry):
        parser.Parse(piece, False)
    parser.Parse(b"", True)
