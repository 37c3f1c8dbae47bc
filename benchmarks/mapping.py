"""Measures preschool → canonical → primary in records a second, beside a hand-written function.

Both make the same primary record and the same remarks; prints one JSON object.

    python benchmarks/mapping.py [RECORDS]
"""

import gc
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from statistics import median

from contracts import code_systems
from contracts.citizen_number import check_character
from contracts.records import Provenance
from mappings import Crosswalks

Cells = dict[str, str]
Row = tuple[Cells, str]
Made = tuple[dict[str, object], tuple[str, ...], tuple[str, ...], Cells]

PROVENANCE = Provenance("preschool", datetime(2026, 9, 1, tzinfo=UTC))
ROUNDS = 41

KEPT = ("班级编码", "非农业户口类型", "入园日期")
VOLATILE = {
    "jkzkm": "健康状况",
    "xzz": "现住址",
    "jdfsm": "就读方式",
    "sflsetm": "是否留守儿童",
    "sfsqznm": "是否进城务工人员随迁子女",
}
DEMANDED = {
    "xm": "姓名",
    "xbm": "性别",
    "csrq": "出生日期",
    "csdm": "出生地行政区划",
    "mzm": "民族",
    "gjdqm": "国籍/地区",
    "sfzjlxm": "身份证件类型",
    "sfzjh": "身份证件号",
    "gatqwm": "港澳台侨外",
    "hkxzm": "户口性质",
    "hkszdm": "户口所在地行政区划",
    "jkzkm": "健康状况",
    "xzz": "现住址",
    "jdfsm": "就读方式",
    "sfdsznm": "是否独生子女",
    "cjlxm": "残疾类型",
    "jtcy": "监护人",
    "xxNjxxId": "年级",
    "xxBjxxId": "班级",
    "rxny": "入学年月",
    "rxfsm": "入学方式",
    "txdz": "通信地址",
    "jtzz": "家庭地址",
    "lxdh": "联系电话",
    "yzbm": "邮政编码",
}


def invented(count: int) -> list[Row]:
    """Rows of invented children as a kindergarten exports them, and their numbers."""
    return [_row(n) for n in range(count)]


def _row(n: int) -> Row:
    born = date(2019, 9 + n % 4, 1 + n % 28)
    digits = f"999999{born:%Y%m%d}{n % 1000:03d}"
    citizen = digits + check_character(digits)
    parent = f"99999919880101{n % 1000:03d}"
    cells = {
        "姓名": f"测试{n}",
        "班级编码": "",
        "性别": "男" if n % 2 else "女",
        "出生日期": f"{born.year}-{born.month}-{born.day}",
        "身份证类型": "户口簿" if n % 10 == 0 else "居民身份证",
        "身份证号码": f"'{citizen}",
        "血型": ("A血型", "B血型", "O血型", "AB血型", "未知血型")[n % 5],
        "国籍/地区": "中国",
        "民族": ("汉族", "满族", "回族", "维吾尔族")[n % 4],
        "港澳台侨外": "非港澳台侨",
        "出生所在地": "'330106",
        "籍贯": "浙江杭州",
        "户口性质": ("农业户口", "非农业户口")[n % 2],
        "非农业户口类型": ("", "城市")[n % 2],
        "户口所在地": "'330106",
        "现住址": f"某路{n}号",
        "入园日期": "2022-9-1",
        "就读方式": "走读",
        "是否独生子女": ("是", "否")[n % 2],
        "是否留守儿童": "非留守儿童",
        "是否进城务工人员子女": "否",
        "健康状况": ("健康或良好", "残疾")[n % 50 == 0],
        "是否残疾幼儿": ("否", "是")[n % 50 == 0],
        "残疾幼儿类别": ("", "听力")[n % 50 == 0],
        "是否孤儿": "否",
        "监护人姓名": f"家长{n}",
        "监护人身份证件类型": "居民身份证",
        "监护人身份证件号码": f"'{parent}{check_character(parent)}",
    }
    return cells, f"G{citizen}"


class ByHand:
    """The same mapping as one would write it in a dict function, tables in dicts."""

    def __init__(self) -> None:
        """Load the same tables."""
        ethnic = code_systems.load("gbt3304-ethnic_group")
        self.ethnic = ethnic.by_notation()
        self.country = code_systems.load("gbt2659-country").by_notation()
        self.regions = frozenset(code_systems.load("gbt2260-region").spans)
        self.sex = {"男": "1", "女": "2"}
        self.kind = {"居民身份证": "1", "护照": "A", "户口簿": "B", "其他": "Z"}
        self.blood = {"A血型": "1", "B血型": "2", "AB血型": "3", "O血型": "4", "未知血型": "0"}
        self.overseas = {"非港澳台侨": "00", "外国人": "51"}
        self.household = {"农业户口": "1", "非农业户口": "2"}
        self.attendance = {"走读": "1", "住校": "2"}
        self.yes_no = {"是": "1", "否": "0"}
        self.left = {"非留守儿童": "0", "单亲留守儿童": "1", "双亲留守儿童": "2"}
        self.health = {"健康或良好": "1", "一般或较弱": "2", "有慢性病": "3", "残疾": "6"}
        self.disability = {"视力": "1", "听力": "2", "言语": "3", "肢体": "4", "智力": "5"}
        self.form_health = {"1": "10", "2": "20", "3": "30", "6": "50"}
        self.day = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")

    def canonical(self, c: Cells, number: str) -> Cells:
        """The canonical fields of one row."""
        document = _clean(c["身份证号码"])
        kind = self.kind[c["身份证类型"].strip()]
        if kind == "B":
            kind = "1" if document[17:] == check_character(document[:17]) else "B"
        disabled = self.yes_no[c["是否残疾幼儿"].strip()]
        return {
            "number": number,
            "name": c["姓名"].strip(),
            "sex": self.sex[c["性别"].strip()],
            "born_on": self.date(c["出生日期"]),
            "document_kind": kind,
            "document_number": document,
            "blood_type": self.blood[c["血型"].strip()],
            "nationality": self.country[c["国籍/地区"].strip()],
            "ethnic_group": self.ethnic[c["民族"].strip()],
            "overseas": self.overseas[c["港澳台侨外"].strip()],
            "birth_region": self.region(c["出生所在地"]),
            "native_place": c["籍贯"].strip(),
            "household_type": self.household[c["户口性质"].strip()],
            "household_region": self.region(c["户口所在地"]),
            "address": c["现住址"].strip(),
            "attendance": self.attendance[c["就读方式"].strip()],
            "only_child": self.yes_no[c["是否独生子女"].strip()],
            "left_behind": self.left[c["是否留守儿童"].strip()],
            "migrant_child": self.yes_no[c["是否进城务工人员子女"].strip()],
            "health": self.health[c["健康状况"].strip()],
            "disability": self.disability[c["残疾幼儿类别"].strip()] if disabled == "1" else "0",
            "orphan": self.yes_no[c["是否孤儿"].strip()],
            "guardian_name": c["监护人姓名"].strip(),
            "guardian_document_kind": self.kind[c["监护人身份证件类型"].strip()],
            "guardian_document_number": _clean(c["监护人身份证件号码"]),
        }

    def primary(self, v: Cells) -> dict[str, object]:
        """The primary record of canonical fields."""
        return {
            "grbsm": v["number"],
            "xm": v["name"],
            "xbm": v["sex"],
            "csrq": v["born_on"].replace("-", ""),
            "sfzjlxm": "Z" if v["document_kind"] == "B" else v["document_kind"],
            "sfzjh": v["document_number"],
            "xxm": v["blood_type"],
            "gjdqm": v["nationality"],
            "mzm": v["ethnic_group"],
            "gatqwm": v["overseas"],
            "csdm": v["birth_region"].ljust(12, "0"),
            "jg": v["native_place"],
            "hkxzm": v["household_type"],
            "hkszdm": v["household_region"].ljust(12, "0"),
            "xzz": v["address"],
            "jdfsm": v["attendance"],
            "sfdsznm": v["only_child"],
            "sflsetm": v["left_behind"],
            "sfsqznm": v["migrant_child"],
            "jkzkm": self.form_health[v["health"]],
            "cjlxm": v["disability"],
            "sfge": v["orphan"],
            "sfsgxqjym": "1",
            "jtcy": [
                {
                    "cyxm": v["guardian_name"],
                    "sfzjlxm": v["guardian_document_kind"],
                    "sfzjh": v["guardian_document_number"],
                    "sfjhrm": "1",
                }
            ],
        }

    def remarks(
        self, cells: Cells, fields: dict[str, object]
    ) -> tuple[tuple[str, ...], tuple[str, ...], Cells]:
        """What the school has to add and to look at again, and what has no field."""
        missing = tuple([label for key, label in DEMANDED.items() if key not in fields])
        volatile = tuple([label for key, label in VOLATILE.items() if key in fields])
        kept = {name: text for name in KEPT if (text := cells[name].strip())}
        return ("监护人关系", *missing), volatile, kept

    def date(self, text: str) -> str:
        """The date as YYYY-MM-DD."""
        found = self.day.fullmatch(text.strip().lstrip("'"))
        assert found
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()

    def region(self, text: str) -> str:
        """A region code that is listed."""
        code = _clean(text)
        assert code in self.regions
        return code


def _clean(text: str) -> str:
    return text.strip().lstrip("'").upper()


def by_table(crosswalks: Crosswalks, row: Row) -> Made:
    """The primary record and the remarks on it by the crosswalk tables."""
    cells, number = row
    record = crosswalks.preschool.read(cells, number=number, provenance=PROVENANCE)
    written = crosswalks.student_status.write(record, number=number)
    return written.fields, written.to_supplement, written.confirm, written.extension


def by_hand(hand: ByHand, row: Row) -> Made:
    """The primary record and the remarks on it by hand."""
    cells, number = row
    fields = hand.primary(hand.canonical(cells, number))
    return fields, *hand.remarks(cells, fields)


def measure(count: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Records a second of process time both ways and their ratio, each the median of rounds.

    The two ways take turns on small batches, so that a busy machine slows both alike.
    """
    rows = invented(count)
    tabled, handed = partial(by_table, Crosswalks()), partial(by_hand, ByHand())
    for row in rows[:200]:
        assert tabled(row) == handed(row), "both ways must make the same record"
    pairs = [(_seconds(tabled, rows), _seconds(handed, rows)) for _ in range(rounds)]
    return {
        "records": count,
        "rounds": rounds,
        "table_records_per_second": round(count / median(table for table, _ in pairs)),
        "hand_records_per_second": round(count / median(hand for _, hand in pairs)),
        "times_slower_than_hand": round(median(table / hand for table, hand in pairs), 2),
    }


def _seconds(convert: Callable[[Row], object], rows: Sequence[Row]) -> float:
    gc.collect()
    started = time.process_time()
    for row in rows:
        convert(row)
    return time.process_time() - started


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)))
