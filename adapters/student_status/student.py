"""One student of the simulated register: under a world's columns, and as the register speaks."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from adapters.simulation.children import Traits, parse_day

_SEX = {"男": "1", "女": "2"}
_SEX_LABEL = {code: label for label, code in _SEX.items()}
_COLUMNS = {
    "grbsm": "学籍号",
    "xxbsm": "学校标识码",
    "xm": "姓名",
    "sfzjh": "身份证件号",
    "xjzt": "学籍状态",
    "shzt": "审核状态",
    "xxNjxxId": "年级",
}


@dataclass(frozen=True, slots=True)
class Student:
    """A student: the cells a world knows, and all the fields that were received, if any were."""

    record_id: str
    row: Mapping[str, str] = field(repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    request_id: str = ""

    @staticmethod
    def received(
        record_id: str, school: str, fields: Mapping[str, Any], request_id: str
    ) -> "Student":
        """A student as entered through the wire, in school and awaiting approval."""
        kind = str(fields.get("sfzjlxm") or "")
        born_on = parse_day(str(fields.get("csrq") or ""))
        row = {
            "学校标识码": school,
            "学籍号": str(fields.get("grbsm") or ""),
            "姓名": str(fields.get("xm") or ""),
            "性别": _SEX_LABEL.get(str(fields.get("xbm") or ""), ""),
            "出生日期": born_on.isoformat() if born_on else "",
            "身份证件类型": _kinds().get(kind, kind),
            "身份证件号": str(fields.get("sfzjh") or ""),
            "学籍状态": "在读",
            "年级": str(fields.get("xxNjxxId") or ""),
            "审核状态": "待核准",
        }
        return Student(record_id, row, dict(fields), request_id)

    def changed(self, to: Mapping[str, str]) -> "Student":
        """The student with other cells."""
        return replace(self, row={**self.row, **to})

    def spoken(self) -> dict[str, Any]:
        """The student as the register's JSON says it; the cells outrank what was received."""
        born_on = parse_day(self.row["出生日期"])
        codes = {label: code for code, label in _kinds().items()}
        kind = self.row["身份证件类型"].strip()
        return {
            **self.fields,
            **{key: self.row.get(column, "") for key, column in _COLUMNS.items()},
            "xsJbxxId": self.record_id,
            "xbm": _SEX.get(self.row["性别"].strip(), self.row["性别"]),
            "csrq": born_on.strftime("%Y%m%d") if born_on else self.row["出生日期"],
            "sfzjlxm": codes.get(kind, kind),
            "qqh": self.request_id,
        }

    def shown(self) -> dict[str, Any]:
        """The student under a world's columns, with all that was received beside them."""
        beside = {"记录编号": self.record_id, "请求号": self.request_id}
        return {**self.row, **beside, "收到的信息": self.fields or None}

    def traits(self) -> Traits:
        """What the student can be found by."""
        return Traits(
            number=self.row["学籍号"],
            document=self.row["身份证件号"],
            name=self.row["姓名"],
            sex=_SEX.get(self.row["性别"].strip(), "0"),
            born_on=self.row["出生日期"],
            guardians=tuple(str(member.get("sfzjh") or "") for member in _family(self.fields)),
        )


def _family(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [member for member in fields.get("jtcy") or [] if isinstance(member, dict)]


@cache
def _kinds() -> Mapping[str, str]:
    table = resources.files("contracts") / "codes" / "jyt1001-sfzjlx.csv"
    rows = csv.DictReader(table.read_text("utf-8").splitlines())
    return {row["code"]: row["label"] for row in rows}
