"""A world: the plain files, in a folder, from which the simulators serve invented children."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import JisuiError

Row = Mapping[str, str]

# Each entry is one column; several names are several ways to write it.
_SCHOOLS = (("机构标识码",), ("名称",), ("类型",), ("行政区划",))
_PRESCHOOL = (
    ("机构标识码",),
    ("学籍号",),
    ("学籍状态",),
    ("姓名",),
    ("性别",),
    ("出生日期",),
    ("身份证类型", "身份证件类型"),
    ("身份证号码", "身份证件号"),
)
_PRIMARY = (
    ("学校标识码",),
    ("学籍号",),
    ("姓名",),
    ("性别",),
    ("出生日期",),
    ("身份证件类型",),
    ("身份证件号",),
    ("学籍状态",),
)
_POPULATION = (("GMSFHM",), ("XM",), ("XBDM",), ("CSRQ",), ("MZDM",), ("SWBS",))


class BrokenWorld(JisuiError):
    """A file of a world that cannot be read; says which file, line and column, and why."""

    def __init__(self, file: str, line: int, column: str, reason: str) -> None:
        place = f"{file}, line {line}" + (f", column {column}" if column else "")
        super().__init__(f"{place}: {reason}")
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class World:
    """The rows of each file under its own column names; `admissions` are workbooks by school."""

    schools: tuple[Row, ...] = field(repr=False)
    preschool: tuple[Row, ...] = field(repr=False)
    primary: tuple[Row, ...] = field(repr=False)
    population: tuple[Row, ...] = field(repr=False)
    admissions: Mapping[str, Path]


def load(folder: Path) -> World:
    """The world in the folder; a file that is not there is an empty one.

    Raises `BrokenWorld` for a file that is there and cannot be read, or for no folder at all.
    """
    if not folder.is_dir():
        raise BrokenWorld(folder.name, 0, "", "no such folder")
    return World(
        schools=_rows(folder / "schools.csv", _SCHOOLS, code="机构标识码"),
        preschool=_rows(folder / "preschool.csv", _PRESCHOOL, code="机构标识码"),
        primary=_rows(folder / "primary.csv", _PRIMARY, code="学校标识码"),
        population=_rows(folder / "population.csv", _POPULATION),
        admissions={path.stem: path for path in sorted((folder / "admissions").glob("*.xlsx"))},
    )


def _rows(
    path: Path, columns: tuple[tuple[str, ...], ...], *, code: str | None = None
) -> tuple[Row, ...]:
    if not path.exists():
        return ()
    lines = _lines(path)
    header = [name.strip() for name in next(lines, (1, []))[1]]
    _check_header(path.name, header, columns)
    return tuple(_row(path.name, line, header, cells, code) for line, cells in lines if any(cells))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise BrokenWorld(path.name, reader.line_num, "", str(error)) from error


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BrokenWorld(path.name, line, "", "not UTF-8") from None


def _check_header(file: str, header: list[str], columns: tuple[tuple[str, ...], ...]) -> None:
    for names in columns:
        if not any(name in header for name in names):
            raise BrokenWorld(file, 1, names[0], "column missing")
    for name in header:
        if header.count(name) > 1:
            raise BrokenWorld(file, 1, name, "column given twice")


def _row(file: str, line: int, header: list[str], cells: list[str], code: str | None) -> Row:
    if len(cells) < len(header):
        raise BrokenWorld(file, line, header[len(cells)], "the row ends before this column")
    if len(cells) > len(header):
        raise BrokenWorld(file, line, "", "more cells than columns")
    row = dict(zip(header, cells, strict=True))
    if code and not _is_code(row[code]):
        raise BrokenWorld(file, line, code, "not ten digits")
    return row


def _is_code(text: str) -> bool:
    return len(text) == 10 and text.isascii() and text.isdigit()
