from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from contracts.records import CanonicalRecord, Provenance
from mappings import Crosswalks, Written

CELLS = {
    "姓名": "陈小满",
    "班级编码": "2023D01",
    "性别": "男",
    "出生日期": "'2018-1-1",
    "身份证类型": "居民身份证",
    "身份证号码": "'999999201801010014",
    "血型": "A血型",
    "国籍/地区": "中国",
    "民族": "汉族",
    "港澳台侨外": "非港澳台侨",
    "出生所在地": "'330106",
    "籍贯": "浙江杭州",
    "户口性质": "非农业户口",
    "非农业户口类型": "城市",
    "户口所在地": "'330106",
    "现住址": "测试路1号",
    "入园日期": "2021-9-1",
    "就读方式": "走读",
    "是否独生子女": "是",
    "是否留守儿童": "非留守儿童",
    "是否进城务工人员子女": "否",
    "健康状况": "健康或良好",
    "是否残疾幼儿": "否",
    "残疾幼儿类别": "",
    "是否孤儿": "否",
    "监护人姓名": "陈大满",
    "监护人身份证件类型": "居民身份证",
    "监护人身份证件号码": "'990000198801010012",
}
NUMBER = "G999999201801010014"
PROVENANCE = Provenance("preschool", datetime(2026, 9, 1, tzinfo=UTC))

Read = Callable[..., CanonicalRecord]
Carry = Callable[..., Written]


@pytest.fixture(scope="session")
def crosswalks() -> Crosswalks:
    return Crosswalks()


@pytest.fixture(scope="session")
def cells() -> dict[str, str]:
    """An ordinary row; not to be changed."""
    return CELLS


@pytest.fixture(scope="session")
def provenance() -> Provenance:
    return PROVENANCE


@pytest.fixture(scope="session")
def read(crosswalks: Crosswalks) -> Read:
    """Reads an ordinary row in which the cells named are others."""

    def read(cells: dict[str, str] | None = None, number: str | None = NUMBER) -> CanonicalRecord:
        changed = CELLS | (cells or {})
        return crosswalks.preschool.read(changed, number=number, provenance=PROVENANCE)

    return read


@pytest.fixture(scope="session")
def carry(crosswalks: Crosswalks, read: Read) -> Carry:
    """Reads such a row and writes it as a primary record."""

    def carry(cells: dict[str, str] | None = None, number: str = NUMBER) -> Written:
        return crosswalks.student_status.write(read(cells, number), number=number)

    return carry
