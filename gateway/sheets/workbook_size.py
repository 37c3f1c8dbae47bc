"""Measures an .xlsx before anything opens it, so that no reader is handed a bomb.

What an archive declares of itself is not believed: every entry is unpacked here once, piece by
piece, and the sheets' cells are counted where they really lie. Macros, links to other files and
whatever else a workbook may carry are never looked at, only weighed.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from gateway.sheets.faults import ListRefused
from gateway.sheets.rows import Limits
from gateway.sheets.sheet_scan import Scan

_ENTRIES = 256
_DIRECTORY_BYTES = 256 * 1024
_UNPACKED_BYTES = 64 * 1024 * 1024
_RATIO = 200
_RATIO_FROM_BYTES = 1024 * 1024  # tiny entries may shrink as much as they like
_PIECE = 256 * 1024
_SHARED_STRINGS = "xl/sharedstrings.xml"
_END = struct.Struct("<4s4H2LH")  # end of central directory
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error),
    *(ValueError, LookupError, NotImplementedError),
)
_LOCAL = struct.Struct("<4s5H3L2H")  # local file header


def measure_workbook(content: bytes, limits: Limits) -> None:
    """Raise `ListRefused` unless the workbook is whole and unpacks to a bearable size."""
    check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
        _check_entries(entries)
        _scan(content, entries, limits)
    except BROKEN:
        raise ListRefused("broken_workbook") from None


def check_directory(content: bytes) -> None:
    """Bound the directory before it is read, and leave no second way to read it.

    Raises `ListRefused`.
    """
    if len(content) < _END.size:
        raise ListRefused("broken_workbook")
    signature, *_, count, size, offset, _comment = _END.unpack(content[-_END.size :])
    if signature != b"PK\x05\x06" or offset + size + _END.size != len(content):
        raise ListRefused("broken_workbook")
    if count > _ENTRIES or size > _DIRECTORY_BYTES:
        raise ListRefused("oversized_workbook")


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > _UNPACKED_BYTES:
        raise ListRefused("oversized_workbook")
    for entry in entries:
        if entry.flag_bits & 1 or entry.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise ListRefused("broken_workbook")
        shrunk = entry.file_size > _RATIO * max(entry.compress_size, 1)
        if shrunk and entry.file_size > _RATIO_FROM_BYTES:
            raise ListRefused("oversized_workbook")


def _scan(content: bytes, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    scan = Scan()
    # Sheets point into the shared texts, wherever in the archive those stand.
    for entry in sorted(entries, key=lambda entry: entry.filename.lower() != _SHARED_STRINGS):
        pieces = unpacked(content, entry)
        if entry.filename.lower().endswith((".xml", ".rels")):
            scan.read(pieces)
        else:
            for _piece in pieces:
                pass
    scan.check(limits)


def unpacked(content: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's bytes in pieces; raise `ValueError` where it is not as long as it says."""
    start = entry.header_offset
    header = _LOCAL.unpack(content[start : start + _LOCAL.size])
    start += _LOCAL.size + header[-2] + header[-1]
    packed = memoryview(content)[start : start + entry.compress_size]
    length = 0
    for piece in _inflated(packed) if entry.compress_type else _cut(packed):
        length += len(piece)
        if length > entry.file_size:
            raise ValueError("entry longer than declared")
        yield piece
    if length != entry.file_size:
        raise ValueError("entry shorter than declared")


def _cut(plain: memoryview) -> Iterator[bytes]:
    for start in range(0, len(plain), _PIECE):
        yield bytes(plain[start : start + _PIECE])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest: bytes | memoryview = packed
    while not inflater.eof:
        piece = inflater.decompress(rest, _PIECE)
        rest = inflater.unconsumed_tail
        if not piece and not rest:
            raise ValueError("entry cut short")
        yield piece
