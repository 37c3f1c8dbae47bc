"""The 71-column workbook as the simulated student register reads it."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from adapters.simulation.children import parse_day
from adapters.simulation.sheets import Cells, RowRefused

_REQUIRED = ("学籍接续标识", "姓名", "性别", "出生日期")
# Columns whose cells are labels where the register's JSON has codes.
_SEX = {"男": "1", "女": "2", "1": "1", "2": "2"}


def fields_of(cells: Cells, school: str) -> dict[str, Any]:
    """A row's fields under the register's JSON keys; `RowRefused` for a row it cannot take."""
    for title in _REQUIRED:
        if not cells[title]:
            raise RowRefused(title, "missing")
    if cells["学校标识码"] != school:
        raise RowRefused("学校标识码", "other_school")
    if cells["性别"] not in _SEX:
        raise RowRefused("性别", "invalid")
    if parse_day(cells["出生日期"]) is None:
        raise RowRefused("出生日期", "invalid")
    if not cells["身份证件号"] and cells["身份证件类型"] not in ("其他", "Z"):
        raise RowRefused("身份证件号", "missing")
    return _spread(cells) | {"xbm": _SEX[cells["性别"]]}


def _spread(cells: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    family: dict[str, dict[str, str]] = {}
    for title, key in _keys().items():
        if not cells[title]:
            continue
        if key.startswith("jtcy."):
            _, place, inner = key.split(".")
            family.setdefault(place, {})[inner] = cells[title]
        else:
            fields[key] = cells[title].removeprefix("'")
    return fields | ({"jtcy": list(family.values())} if family else {})


@cache
def _keys() -> Mapping[str, str]:
    table = resources.files("contracts") / "student_status" / "sheet.csv"
    rows = csv.DictReader(table.read_text("utf-8").splitlines())
    return {row["title"]: row["key"] for row in rows}
