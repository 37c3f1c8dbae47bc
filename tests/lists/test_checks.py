"""Faults of our own input are found before anything is asked, and nothing legal is a fault."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.citizen_number import check_character
from gateway.intake.lists import CellFault, check_row
from gateway.sheets.cells import clean_row
from gateway.sheets.columns import COLUMNS
from gateway.sheets.faults import _CELL_FAULTS, _REFUSALS
from mappings import Crosswalks

_RIGHT = {
    "序号": "1", "姓名": "张三", "性别": "男", "出生日期": "2018-01-01",
    "身份证件类型": "居民身份证", "身份证件号": "999999201801010014", "学籍号": "",
    "是否报到": "是",
}  # fmt: skip


@pytest.fixture(scope="module")
def crosswalks() -> Crosswalks:
    return Crosswalks()


def faults(crosswalks: Crosswalks, **cells: object) -> list[tuple[str, str]]:
    return [(found.column, found.reason) for found in found_in(crosswalks, **cells)]


def found_in(crosswalks: Crosswalks, **cells: object) -> tuple[CellFault, ...]:
    changed = {**_RIGHT, **cells}
    places = {column: place for place, column in enumerate(changed)}
    row = clean_row(places, list(changed.values()), 2)  # type: ignore[arg-type]
    return check_row(row, crosswalks.admission_list.identity(row.cells))


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"身份证件号": "999999201801010015"}, "身份证件号", "document_check_character"),
        ({"身份证件号": "99999920180101001"}, "身份证件号", "document_length"),
        ({"身份证件号": "999999180101001"}, "身份证件号", "document_length"),
        ({"身份证件号": "9999992018010100144"}, "身份证件号", "document_length"),
        ({"身份证件号": "99999920150229001X"}, "身份证件号", "document_date"),
        ({"身份证件号": "A9999920180101001X"}, "身份证件号", "document_check_character"),
        ({"出生日期": "2018-01-02"}, "出生日期", "birth_date_differs"),
        ({"出生日期": "2018-02-30"}, "出生日期", "unreadable_birth_date"),
        ({"出生日期": ""}, "出生日期", "unreadable_birth_date"),
        ({"出生日期": "43101"}, "出生日期", "unreadable_birth_date"),
        ({"性别": "女"}, "性别", "sex_differs"),
        ({"性别": ""}, "性别", "unknown_sex"),
        ({"性别": "不详"}, "性别", "unknown_sex"),
        ({"姓名": ""}, "姓名", "missing_name"),
        ({"姓名": "张\u200b三"}, "姓名", "forbidden_character"),
        ({"身份证件号": 999999201801010014}, "身份证件号", "number_destroyed"),
        ({"学籍号": "G999999201801010015"}, "学籍号", "number_check_character"),
        ({"年级": "二年级"}, "年级", "other_grade"),
        ({"年级": "12"}, "年级", "other_grade"),
        ({"年级": "初一"}, "年级", "other_grade"),
        ({"是否报到": "也许"}, "是否报到", "unknown_reported"),
        ({"身份证件类型": "户口簿", "出生日期": "2018-01-02"}, "出生日期", "birth_date_differs"),
    ],
)
def test_a_fault_of_the_list_is_named(
    crosswalks: Crosswalks, cells: dict[str, object], column: str, reason: str
) -> None:
    assert faults(crosswalks, **cells) == [(column, reason)]


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"身份证件号": "99999920180101009X", "性别": "男"},
        {"身份证件号": "99999920180101009x", "性别": "男"},
        {"身份证件号": "９９９９９９２０１８０１０１００１４"},
        {"身份证件号": "'999999201801010014"},
        {"身份证件号": ""},
        {"身份证件类型": "其他", "身份证件号": ""},
        {"身份证件类型": "护照", "身份证件号": ""},
        {"身份证件类型": "护照", "身份证件号": "E12345678"},
        {"身份证件类型": "户口簿", "身份证件号": "0001234"},
        {"身份证件类型": "港澳台居民居住证", "身份证件号": "810000201801010014"},
        {"身份证件类型": "台湾居民来往大陆通行证", "身份证件号": "12345678"},
        {"学籍号": "G990000202001010011"},
        {"学籍号": "J999999201801010015"},
        {"学籍号": "L999999201801010015"},
        {"学籍号": "0123456789012345"},
        {"学籍号": "LG99999920180101001"},
        {"出生日期": "2018年1月1日"},
        {"报到日期": "九月初"},
        *({"年级": grade} for grade in ("", "一年级", "小学一年级", "1", "一", "01", "11")),
    ],
)  # fmt: skip
def test_what_is_legal_is_no_fault(crosswalks: Crosswalks, cells: dict[str, object]) -> None:
    assert faults(crosswalks, **cells) == []


@pytest.mark.parametrize("area", ["81", "82", "83"])
def test_a_permit_number_under_identity_card_passes(crosswalks: Crosswalks, area: str) -> None:
    digits = f"{area}000020180101001"
    assert faults(crosswalks, 身份证件号=digits + check_character(digits)) == []


def test_all_faults_of_a_row_are_told_at_once(crosswalks: Crosswalks) -> None:
    found = faults(crosswalks, 姓名="", 性别="?", 出生日期="?", 学籍号="G999999201801010015")
    assert [column for column, _ in found] == ["姓名", "性别", "出生日期", "学籍号"]


@given(place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_no_single_wrong_digit_passes(place: int, digit: str) -> None:
    right = _RIGHT["身份证件号"]
    wrong = right[:place] + digit + right[place + 1 :]
    assert bool(faults(_CROSSWALKS, 身份证件号=wrong)) == (wrong != right)


_CROSSWALKS = Crosswalks()


def test_no_text_of_a_fault_repeats_a_cell(crosswalks: Crosswalks) -> None:
    found = found_in(crosswalks, 姓名="", 身份证件号="CANARY", 性别="CANARY", 年级="CANARY")
    assert len(found) == 4
    assert "CANARY" not in repr(found)


@pytest.mark.parametrize("texts", [*_CELL_FAULTS.values(), *_REFUSALS.values()])
def test_every_fault_speaks_chinese_and_english(texts: tuple[str, str, str, str]) -> None:
    hanzi = [bool(re.search("[\u4e00-\u9fff]{2}", text)) for text in texts]
    assert hanzi == [True, False, True, False]


def test_every_column_checked_is_a_column_of_the_list() -> None:
    assert set(_RIGHT) <= set(COLUMNS)
