"""The columns of a school's list, their many titles, and what the simple ones say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.sheets.faults import ListRefused

ROW = "序号"
NAME = "姓名"
SEX = "性别"
BORN_ON = "出生日期"
DOCUMENT_TYPE = "身份证件类型"
DOCUMENT = "身份证件号"
NUMBER = "学籍号"
REPORTED = "是否报到"
REPORTED_ON = "报到日期"
GRADE = "年级"
NO_SHOW_REASON = "未报到原因"
GUARDIAN_DOCUMENT = "监护人证件号"

COLUMNS = (
    ROW, NAME, SEX, BORN_ON, DOCUMENT_TYPE, DOCUMENT, NUMBER,
    REPORTED, REPORTED_ON, GRADE, NO_SHOW_REASON, GUARDIAN_DOCUMENT,
)  # fmt: skip
# The five controlled fields of 学籍接续; the rest may come later.
REQUIRED = (NAME, SEX, BORN_ON, DOCUMENT_TYPE, DOCUMENT)
# Columns whose numbers lose their last digits when a sheet stores them as numeric values.
NUMBERS = frozenset({DOCUMENT, NUMBER, GUARDIAN_DOCUMENT})

_ALIASES: dict[str, tuple[str, ...]] = {
    ROW: ("序", "编号", "行号"),
    NAME: ("学生姓名", "儿童姓名", "幼儿姓名", "孩子姓名"),
    SEX: ("学生性别",),
    BORN_ON: ("出生年月日", "出生年月", "生日"),
    DOCUMENT_TYPE: ("身份证类型", "证件类型", "证件类别", "身份证件类别"),
    DOCUMENT: ("身份证件号码", "身份证号", "身份证号码", "证件号", "证件号码", "公民身份号码"),
    NUMBER: ("学籍号码", "国网学籍号", "全国学籍号", "学前学籍号", "学生学籍号", "个人标识码"),
    REPORTED: ("报到", "是否已报到", "报到情况", "报到状态"),
    REPORTED_ON: ("报到时间",),
    GRADE: ("就读年级", "入学年级"),
    NO_SHOW_REASON: ("未报到的原因", "未报到说明"),
    GUARDIAN_DOCUMENT: (
        "监护人证件号码",
        "监护人身份证号",
        "监护人身份证号码",
        "监护人身份证件号",
        "监护人身份证件号码",
    ),
}
_TITLES = {title: column for column in COLUMNS for title in (column, *_ALIASES.get(column, ()))}
_FORBIDDEN = ("职务", "收入", "工作单位")  # parents' position and income are never collected
# Blanks, marks of obligation and anything in brackets carry no meaning in a title.
_DECORATION = re.compile(r"[\s\u3000*＊★:：'’]|[(（\[【][^)）\]】]*[)）\]】]")


@dataclass(frozen=True, slots=True)
class Heading:
    """Which column stands where, and the titles that are not taken over."""

    places: Mapping[str, int]
    ignored: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def column_of(title: str) -> str | None:
    """The canonical heading a title stands for, or None."""
    return _TITLES.get(_DECORATION.sub("", title))


def looks_like_heading(titles: Sequence[str], least: int = 3) -> bool:
    """Whether a row names the children's names, and at least so many known columns in all."""
    known = {column_of(title) for title in titles} - {None}
    return NAME in known and len(known) >= least


def read_heading(titles: Sequence[str], line: int, required: Sequence[str] = REQUIRED) -> Heading:
    """The heading in a row of titles; raise `ListRefused` for a missing or doubled column."""
    places: dict[str, int] = {}
    aside: list[str] = []
    for place, title in enumerate(titles):
        column = column_of(title)
        if column is None:
            aside += [title] if title else []
        elif column in places:
            raise ListRefused("duplicate_column", line=line, column=column)
        else:
            places[column] = place
    for column in required:
        if column not in places:
            raise ListRefused("missing_column", line=line, column=column)
    dropped = tuple(title for title in aside if any(word in title for word in _FORBIDDEN))
    return Heading(places, tuple(title for title in aside if title not in dropped), dropped)


_REPORTED = {
    "是": True, "已报到": True, "已到": True, "1": True, "Y": True, "TRUE": True,
    "否": False, "未报到": False, "未到": False, "0": False, "N": False, "FALSE": False,
    "": None,
}  # fmt: skip
_DATE = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")


def reported(cells: Mapping[str, str]) -> bool | None:
    """Whether the child has reported; None where the list does not say."""
    return _REPORTED.get(cells[REPORTED].upper())


def reported_on(cells: Mapping[str, str]) -> date | None:
    """The day the child reported; None where it is blank or cannot be read."""
    return date_in(cells[REPORTED_ON])


def reported_is_readable(cells: Mapping[str, str]) -> bool:
    """Whether 是否报到 holds one of the labels in use, or nothing."""
    return cells[REPORTED].upper() in _REPORTED


def date_in(text: str) -> date | None:
    """The day a text names as 2026-9-1, 2026/9/1, 2026.9.1, 20260901 or 2026年9月1日."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, *parts = (part for part in found.groups() if part)
    try:
        return date(int(year), int(parts[0]), int(parts[1]))
    except ValueError:
        return None
