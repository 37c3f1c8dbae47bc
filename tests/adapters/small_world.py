"""A small invented world, written as the files people write, for the adapters' tests."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from adapters.world import World, load

KINDERGARTEN, OTHER_KINDERGARTEN = "2199990001", "2199990002"
SCHOOL, OTHER_SCHOOL = "3199990001", "3199990002"

GRADUATED = "999999201801010014"
IN_KINDERGARTEN = "999999201801010022"
ADVANCED = "999999201801010030"
DEFERRED = "999999201801010049"
ENROLLED = "999999201801010057"
GUARDIAN = "999999201801010065"

CHILD = {
    "机构标识码": KINDERGARTEN,
    "学籍号": f"G{GRADUATED}",
    "学籍状态": "毕业",
    "姓名": "古丽·虚构",
    "班级编码": "",
    "性别": "男",
    "出生日期": "2018-1-1",
    "身份证类型": "居民身份证",
    "身份证号码": f"'{GRADUATED}",
    "血型": "未知血型",
    "国籍/地区": "中国",
    "民族": "汉族",
    "港澳台侨外": "非港澳台侨",
    "出生所在地": "999999",
    "籍贯": "虚构县",
    "户口性质": "农业户口",
    "非农业户口类型": "",
    "户口所在地": "999999",
    "现住址": "虚构县无名路一号",
    "入园日期": "2021-9-1",
    "就读方式": "走读",
    "是否独生子女": "是",
    "是否留守儿童": "非留守儿童",
    "是否进城务工人员子女": "否",
    "健康状况": "健康或良好",
    "是否残疾幼儿": "否",
    "残疾幼儿类别": "",
    "是否孤儿": "否",
    "监护人姓名": "虚构",
    "监护人身份证件类型": "居民身份证",
    "监护人身份证件号码": GUARDIAN,
    "升入学校标识码": "",
    "缓学批准文号": "",
    "缓学截止日期": "",
}


def child(document: str, **cells: str) -> dict[str, str]:
    """A graduated kindergarten child with this document, other cells as given."""
    return {**CHILD, "身份证号码": f"'{document}", "学籍号": f"G{document}", **cells}


CHILDREN = (
    CHILD,
    child(IN_KINDERGARTEN, 学籍状态="在园", 性别="女", 姓名="在园生"),
    child(ADVANCED, 学籍状态="升学", 性别="女", 升入学校标识码=OTHER_SCHOOL),
    child(
        DEFERRED,
        姓名="缓学生",
        学籍状态="缓学留园",
        缓学批准文号="虚教〔2026〕1号",
        缓学截止日期="2027-8-31",
    ),
)

PUPIL = {
    "学校标识码": OTHER_SCHOOL,
    "学籍号": f"G{ENROLLED}",
    "姓名": "在读生",
    "性别": "女",
    "出生日期": "2018-01-01",
    "身份证件类型": "居民身份证",
    "身份证件号": ENROLLED,
    "学籍状态": "在读",
}

SCHOOLS = (
    {
        "机构标识码": KINDERGARTEN,
        "名称": "虚构幼儿园",
        "类型": "幼儿园",
        "行政区划": "999999",
        "主管教育行政部门代码": "",
        "状态": "合并",
        "并入机构标识码": OTHER_KINDERGARTEN,
    },
    {
        "机构标识码": SCHOOL,
        "名称": "虚构小学",
        "类型": "小学",
        "行政区划": "999999",
        "主管教育行政部门代码": "999900000000",
        "状态": "正常",
        "并入机构标识码": "",
    },
)


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """The rows as a CSV file with a header."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8-sig")


def workbook(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook with these titles and rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in [titles, *rows]:
        sheet.append(list(cells))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def write_world(
    folder: Path,
    *,
    children: Sequence[Mapping[str, str]] = CHILDREN,
    pupils: Sequence[Mapping[str, str]] = (PUPIL,),
) -> World:
    """The small world in a folder, read back."""
    write_csv(folder / "schools.csv", SCHOOLS)
    write_csv(folder / "preschool.csv", children)
    write_csv(folder / "primary.csv", pupils)
    (folder / "admissions").mkdir()
    entrants = [[1, "古丽·虚构", "男", "2018-01-01", "居民身份证", GRADUATED, f"G{GRADUATED}"]]
    titles = ["序号", "姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "学籍号"]
    (folder / "admissions" / f"{SCHOOL}.xlsx").write_bytes(workbook(titles, entrants))
    return load(folder)
