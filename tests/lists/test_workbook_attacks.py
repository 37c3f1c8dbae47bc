"""A hostile workbook is refused in time and memory, or read without touching anything else."""

import io
import os
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from gateway.intake.lists import XLSX, ListRefused, read_list
from tests.lists.lists import ANNA, BEN, TITLES, read, repacked, workbook

_LIST = workbook(TITLES, ANNA, BEN)
_SHEET = "xl/worksheets/sheet1.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(rows: str, dimension: str = "A1:I3") -> bytes:
    return (
        f'<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def shared(text: str) -> bytes:
    return f'<sst xmlns="{_MAIN}"><si><t>{text}</t></si></sst>'.encode()


def peak_mebibytes() -> int:
    """The most memory this process ever held."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) // 1024


def many_entries() -> bytes:
    return repacked(_LIST, {f"xl/media/{number}.png": b"" for number in range(300)})


def declared_smaller() -> bytes:
    """An entry that unpacks to more than its header admits."""
    large = repacked(_LIST, {_SHEET: sheet("<row/>" * 2_000_000)})
    with zipfile.ZipFile(io.BytesIO(large)) as archive:
        size = archive.getinfo(_SHEET).file_size
    return large.replace(struct.pack("<L", size), struct.pack("<L", 4096))


def overlapping() -> bytes:
    """Many directory entries that all point to the same packed bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/a.xml", sheet("<row/>" * 1_000_000))
        first = archive.infolist()[0]
        for number in range(200):
            copy = zipfile.ZipInfo(f"xl/{number}.xml")
            for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(copy, name, getattr(first, name))
            archive.filelist.append(copy)
    return packed.getvalue()


def encrypted() -> bytes:
    content = bytearray(_LIST)
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 8] |= 1
    return bytes(content)


_REFUSED = {
    "a sheet that shrank a thousandfold": lambda: repacked(
        _LIST, {_SHEET: sheet(" " * 60_000_000)}
    ),
    "an entity bomb": lambda: repacked(
        _LIST, {_SHEET: b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet("&a;")}
    ),
    "an external entity": lambda: repacked(
        _LIST, {_SHEET: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + sheet("&a;")}
    ),
    "millions of elements": lambda: repacked(
        _LIST, {_SHEET: sheet("".join(f"<c><v>{n}</v></c>" for n in range(1_500_000)))}
    ),
    "a filled cell at the far end": lambda: repacked(
        _LIST, {_SHEET: sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')}
    ),
    "a far cell without reference": lambda: repacked(
        _LIST, {_SHEET: sheet('<row r="1048576">' + "<c/>" * 900 + "<c><v>1</v></c></row>")}
    ),
    "one long text in many cells": lambda: repacked(
        _LIST,
        {
            "xl/sharedStrings.xml": shared("长" * 30_000),
            _SHEET: sheet('<row><c t="s"><v>0</v></c></row>' * 10_000),
        },
    ),
    "a reference to no text": lambda: repacked(
        _LIST, {_SHEET: sheet('<row><c t="s"><v>99999</v></c></row>')}
    ),
    "too many entries": many_entries,
    "an entry that lies about its size": declared_smaller,
    "entries that overlap": overlapping,
    "an encrypted entry": encrypted,
    "something after the end": lambda: _LIST + b"PK\x05\x06" + bytes(18),
    "half a file": lambda: _LIST[: len(_LIST) // 2],
    "broken XML": lambda: repacked(_LIST, {_SHEET: b"<worksheet><sheetData>"}),
    "no workbook part": lambda: repacked(workbook(), {"xl/workbook.xml": b"<x/>"}),
}
_OVERSIZED = {
    "a sheet that shrank a thousandfold",
    "millions of elements",
    "a filled cell at the far end",
    "a far cell without reference",
    "one long text in many cells",
    "too many entries",
    "entries that overlap",
}


@pytest.mark.parametrize("attack", _REFUSED)
def test_a_hostile_workbook_is_refused(attack: str) -> None:
    content = _REFUSED[attack]()
    peak_before = peak_mebibytes()
    started = time.process_time()
    with pytest.raises(ListRefused) as refused:
        list(read_list(content, XLSX).rows)
    seconds = time.process_time() - started
    expected = "oversized_workbook" if attack in _OVERSIZED else "broken_workbook"
    assert refused.value.reason == expected
    assert peak_mebibytes() - peak_before < 200
    assert seconds < 4


def test_a_false_dimension_changes_nothing() -> None:
    with zipfile.ZipFile(io.BytesIO(_LIST)) as archive:
        part = archive.read(_SHEET)
    false = part.replace(b'ref="A1:I3"', b'ref="A1:XFD1048576"')
    assert false != part
    rows = list(read_list(repacked(_LIST, {_SHEET: false}), XLSX).rows)
    assert [row.row for row in rows] == ["1", "2"]


def test_macros_links_and_paths_out_of_the_archive_are_left_alone(tmp_path: object) -> None:
    extra = {
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro",
        "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
        "../../outside.txt": b"written",
        "/absolute.txt": b"written",
    }
    before = set(os.listdir("."))
    rows = list(read_list(repacked(_LIST, extra), XLSX).rows)
    assert [row.row for row in rows] == ["1", "2"]
    assert set(os.listdir(".")) == before


def test_a_formula_is_read_by_its_last_value_and_never_worked_out() -> None:
    row = read((*BEN[:1], "=1+1", *BEN[2:]))[0]
    assert row.cells["姓名"] == ""


def test_a_mutated_workbook_is_read_or_refused() -> None:
    random = Random(8)
    with zipfile.ZipFile(io.BytesIO(_LIST)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    texts = [name for name in parts if name.endswith((".xml", ".rels"))]
    for _ in range(int(os.environ.get("JISUI_MUTATED_WORKBOOKS", "300"))):
        name = random.choice(texts)
        part = bytearray(parts[name])
        for _ in range(random.randint(1, 5)):
            place = random.randrange(len(part))
            part[place : place + random.randint(0, 8)] = random.choice(
                (b"", b"<", b'"', b"9" * 9, b"&#0;", b"</c>", bytes([random.randrange(256)]))
            )
        whole = bytearray(repacked(_LIST, {name: bytes(part)}))
        if random.random() < 0.5:
            whole[random.randrange(len(whole))] = random.randrange(256)
        with suppress(ListRefused):
            list(read_list(bytes(whole), XLSX).rows)
