"""Lists as schools hand them in, written here cell by cell."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence

from openpyxl import Workbook

from gateway.intake.lists import CSV, JSON, XLSX, ListRow, read_list

TITLES = (
    "序号", "姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "学籍号", "是否报到",
    "报到日期",
)  # fmt: skip
ANNA = (
    "1", "阿衣木·买买提", "女", "2018-01-01", "居民身份证", "999999201801010022", "", "是",
    "2026-09-01",
)  # fmt: skip
BEN = (
    "2", "张䶮", "男", "2018-01-01", "居民身份证", "999999201801010014",
    "G999999201801010014", "否", "",
)  # fmt: skip


def workbook(*rows: Sequence[object], sheet: str = "名单") -> bytes:
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def csv_text(*rows: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def json_text(*rows: Sequence[object]) -> bytes:
    titles, *children = rows
    keyed = [dict(zip(titles, child, strict=False)) for child in children]
    return json.dumps({"rows": keyed}, ensure_ascii=False).encode()


DOORS: dict[str, tuple[str, Callable[..., bytes]]] = {
    "xlsx": (XLSX, workbook),
    "csv, utf-8": (CSV, lambda *rows: csv_text(*rows).encode()),
    "csv, utf-8 with bom": (CSV, lambda *rows: csv_text(*rows).encode("utf-8-sig")),
    "csv, gb18030": (CSV, lambda *rows: csv_text(*rows).encode("gb18030")),
    "json": (JSON, json_text),
}


def read(*rows: Sequence[object], titles: Sequence[str] = TITLES) -> list[ListRow]:
    """The rows as they come back from a workbook."""
    return list(read_list(workbook(titles, *rows), XLSX).rows)


def one_cell(column: str, cell: object) -> ListRow:
    """A right row with one cell changed, read back from a workbook."""
    row: list[object] = list(BEN)
    row[TITLES.index(column)] = cell
    return read(row)[0]


def repacked(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The workbook with some of its parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**kept, **parts}.items():
            archive.writestr(name, part)
    return packed.getvalue()
