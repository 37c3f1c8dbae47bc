"""Writes a world's plain files: UTF-8 CSV under Chinese headings, one workbook a school's list."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from openpyxl import Workbook

from adapters.world_maker.made import Made, Row
from adapters.world_maker.places import Place, Places

_SCHOOLS = (
    "机构标识码", "名称", "类型", "行政区划", "主管教育行政部门代码", "状态", "并入机构标识码",
)  # fmt: skip
_PRESCHOOL = (
    "机构标识码", "学籍号", "学籍状态", "升入学校标识码", "缓学批准文号", "缓学截止日期",
    "姓名", "班级编码", "性别", "出生日期", "身份证类型", "身份证号码", "血型", "国籍/地区", "民族",
    "港澳台侨外", "出生所在地", "籍贯", "户口性质", "非农业户口类型", "户口所在地", "现住址",
    "入园日期", "就读方式", "是否独生子女", "是否留守儿童", "是否进城务工人员子女", "健康状况",
    "是否残疾幼儿", "残疾幼儿类别", "是否孤儿", "监护人姓名", "监护人身份证件类型",
    "监护人身份证件号码",
)  # fmt: skip
_PRIMARY = (
    "学校标识码", "学籍号", "姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "学籍状态",
    "年级", "审核状态",
)  # fmt: skip
_POPULATION = ("GMSFHM", "XM", "XBDM", "CSRQ", "MZDM", "SWBS")
_LIST = (
    "姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "学籍号", "是否报到", "报到日期",
    "年级", "未报到原因", "监护人证件号",
)  # fmt: skip
_README = """# An invented world

Nobody in these files exists. Names are drawn by chance, citizen numbers use the area codes 999999
and 990000, which are allocated to nobody, and all kindergartens and schools are made up.
`jisui simulate --world` serves the three systems from this folder.

本目录全部数据均为虚构：姓名随机生成，公民身份号码使用未分配的地区代码 999999 和 990000，
幼儿园和学校均不存在。

| File | Holds |
|---|---|
| `schools.csv` | kindergartens and schools |
| `preschool.csv` | records of the preschool register |
| `primary.csv` | records of the primary and secondary register |
| `population.csv` | lines of the population register |
| `admissions/` | each primary school's list of entrants, confirmed by its county |
"""


def write_folder(
    directory: Path,
    places: Places,
    lists: Mapping[Place, Sequence[Made]],
    unlisted: Iterable[Row],
) -> None:
    """Write every file of the world into an empty or new folder; else `FileExistsError`."""
    directory.mkdir(parents=True, exist_ok=True)
    # A list left over from another world would be handed in with this one.
    if any(directory.iterdir()):
        raise FileExistsError(f"{directory.name} is not empty")
    admissions = directory / "admissions"
    admissions.mkdir()
    made = list(chain.from_iterable(lists.values()))
    preschool = chain((row for one in made for row in one.preschool), unlisted)
    _write_csv(directory / "schools.csv", _SCHOOLS, map(_place_row, places.all()))
    _write_csv(directory / "preschool.csv", _PRESCHOOL, preschool)
    _write_csv(directory / "primary.csv", _PRIMARY, (row for one in made for row in one.primary))
    population = (row for one in made for row in one.population)
    _write_csv(directory / "population.csv", _POPULATION, population)
    for school, children in lists.items():
        if children:
            _write_list(admissions / f"{school.code}.xlsx", children)
    (directory / "README.md").write_text(_README, "utf-8")


def _place_row(place: Place) -> Row:
    cells = (
        place.code,
        place.name,
        place.kind,
        place.region,
        place.authority,
        place.status,
        place.merged_into,
    )
    return dict(zip(_SCHOOLS, cells, strict=True))


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_list(path: Path, children: Iterable[Made]) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("录取名单")
    sheet.append(("序号", *_LIST))
    for place, child in enumerate(children, 1):
        sheet.append((place, *(child.listed[column] or None for column in _LIST)))
    workbook.save(path)
