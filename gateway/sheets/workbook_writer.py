"""Writes an .xlsx of plain text in memory, so that no child's name reaches a temporary file.

Cells are inline texts in the text format with the quote-prefix mark, so that `=1+1` stays the
four characters it is, when the sheet is opened and when a cell is edited.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Style 1 is text, style 2 a heading.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}">'
    "<fonts><font/><font><b/></font></fonts><fills><fill><patternFill/></fill>"
    '<fill><patternFill patternType="gray125"/></fill></fills><borders><border/></borders>'
    "<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf/>"
    '<xf numFmtId="49" applyNumberFormat="1" quotePrefix="1"/>'
    '<xf numFmtId="49" applyNumberFormat="1" quotePrefix="1" fontId="1" applyFont="1"/>'
    '</cellXfs><cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
# What XML cannot hold, and texts that look like the escape for it, are written as _xHHHH_.
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the same rows give the same bytes on any day


def write_workbook(sheets: Mapping[str, Iterable[Sequence[str]]]) -> bytes:
    """The bytes of a workbook with these sheets; each sheet's first row is its heading.

    The sheets are read in order, each once the one before it is written.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        write_fixed_parts(archive, tuple(sheets))
        for place, rows in enumerate(sheets.values(), 1):
            _write_sheet(archive, sheet_path(place), rows)
    return packed.getvalue()


def write_fixed_parts(archive: zipfile.ZipFile, names: Sequence[str]) -> None:
    """Write all of a workbook with these sheets but the sheets themselves."""
    for name, part in _fixed_parts(names).items():
        archive.writestr(entry_of(name), _HEAD + part)


def sheet_path(place: int) -> str:
    """Where in the archive a sheet stands; the first one is 1."""
    return f"xl/worksheets/sheet{place}.xml"


def begin_sheet() -> bytes:
    """What stands before a sheet's rows."""
    frozen = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    frozen += 'state="frozen"/></sheetView></sheetViews>'
    columns = '<cols><col min="1" max="32" width="20" customWidth="1"/></cols>'
    return f'{_HEAD}<worksheet xmlns="{_MAIN}">{frozen}{columns}<sheetData>'.encode()


def write_row(row: Sequence[str], *, heading: bool) -> bytes:
    """One row of a sheet."""
    style = 2 if heading else 1
    return f"<row>{''.join(_cell(text, style) for text in row)}</row>".encode()


def end_sheet() -> bytes:
    """What stands after a sheet's rows."""
    return b"</sheetData></worksheet>"


def entry_of(name: str) -> zipfile.ZipInfo:
    """The archive's entry of that name, the same on any day."""
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _write_sheet(archive: zipfile.ZipFile, path: str, rows: Iterable[Sequence[str]]) -> None:
    with archive.open(entry_of(path), "w") as part:
        part.write(begin_sheet())
        for number, row in enumerate(rows, 1):
            part.write(write_row(row, heading=number == 1))
        part.write(end_sheet())


def _cell(text: str, style: int) -> str:
    if not text:
        return f'<c s="{style}"/>'
    written = escape(_ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


def _fixed_parts(names: Sequence[str]) -> dict[str, str]:
    places = range(1, len(names) + 1)
    return {
        "[Content_Types].xml": _content_types(places),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(names),
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/sheet{place}.xml") for place in places),
                ("styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": _STYLES,
    }


def _content_types(places: Iterable[int]) -> str:
    overrides = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    overrides |= {f"/xl/worksheets/sheet{place}.xml": "worksheet" for place in places}
    parts = "".join(
        f'<Override PartName="{part}" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in overrides.items()
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    default = f'<Default Extension="rels" ContentType="{rels}"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{default}{parts}</Types>'


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    parts = "".join(
        f'<Relationship Id="rId{place}" Type="{_PARTS}/{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{parts}</Relationships>'


def _workbook(names: Iterable[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{place}" r:id="rId{place}"/>'
        for place, name in enumerate(names, 1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_PARTS}"><sheets>{sheets}</sheets></workbook>'
