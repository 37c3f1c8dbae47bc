"""A cell that cannot be believed is refused alone, with its reason, and never repaired."""

import json
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.lists import JSON, read_list, reported, reported_on
from gateway.sheets.cells import clean_row
from gateway.sheets.columns import NUMBERS, date_in
from tests.lists.lists import ANNA, BEN, TITLES, one_cell, read


@pytest.mark.parametrize("column", ["身份证件号", "学籍号"])
@pytest.mark.parametrize(
    "cell",
    [999999201801010014, 9.99999201801010e17, 1e15, "9.99999E+17", "9.99999e17", "3E+17"],
)
def test_a_number_that_lost_its_digits_is_refused(column: str, cell: object) -> None:
    row = one_cell(column, cell)
    assert [(found.column, found.reason) for found in row.faults] == [(column, "number_destroyed")]
    assert row.cells[column] == ""
    assert row.cells["姓名"] == BEN[1]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12345678, "12345678"),
        (999999999999999, "999999999999999"),
        ("999999201801010014", "999999201801010014"),
        ("E12345678", "E12345678"),
        ("1E12", "1E12"),
    ],
)
def test_a_number_that_kept_its_digits_is_taken_as_it_is(cell: object, text: str) -> None:
    row = one_cell("身份证件号", cell)
    assert (row.cells["身份证件号"], row.faults) == (text, ())


def test_a_number_is_only_doubted_where_numbers_stand() -> None:
    assert "序号" not in NUMBERS
    assert one_cell("序号", 1e15).faults == ()


def test_a_json_integer_is_doubted_like_any_other_number() -> None:
    row = dict(zip(TITLES, BEN, strict=True)) | {"身份证件号": 999999201801010014}
    found = next(read_list(json.dumps([row]).encode(), JSON).rows)
    assert [fault.reason for fault in found.faults] == ["number_destroyed"]


@pytest.mark.parametrize(
    "sign",
    ["\x7f", "\x85", "\u200b", "\u200d", "\u202e", "\u2066", "\u2028", "\ufeff", "\ufffd", "\xad",
     "\u061c", "\u180e", "\n", "\t"],
)  # fmt: skip
def test_invisible_and_broken_characters_refuse_the_cell(sign: str) -> None:
    row = one_cell("姓名", f"张{sign}三")
    assert [(found.column, found.reason) for found in row.faults] == [
        ("姓名", "forbidden_character")
    ]
    assert row.cells["姓名"] == ""


@pytest.mark.parametrize(
    "name", ["䶮", "㛃", "𠮷", "\ue863", "﨑", "葛\U000e0100", "阿·买", "欧阳 娜娜", "张　三", "〇"]
)
def test_what_names_are_made_of_passes_unchanged(name: str) -> None:
    row = one_cell("姓名", name)
    assert (row.cells["姓名"], row.faults) == (name, ())


@given(st.characters())
def test_no_control_format_or_separator_sign_ever_passes(sign: str) -> None:
    row = clean_row({"姓名": 0}, [f"张{sign}三"], 1)
    if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp"):
        assert row.faults
    if unicodedata.category(sign) in ("Lo", "Co", "Lu", "Nd"):
        assert not row.faults or sign in "\u115f\u1160"


def test_one_bad_cell_spoils_neither_its_row_nor_another() -> None:
    bad = (*BEN[:1], "张\u200b三", *BEN[2:])
    rows = read(ANNA, bad, BEN)
    assert [len(row.faults) for row in rows] == [0, 1, 0]
    assert rows[1].cells["身份证件号"] == BEN[5]


@pytest.mark.parametrize(
    ("label", "meaning"),
    [("是", True), ("已报到", True), ("y", True), ("否", False), ("未报到", False), ("", None)],
)
def test_reported_is_read_from_the_labels_in_use(label: str, meaning: bool | None) -> None:
    row = one_cell("是否报到", label)
    assert (reported(row.cells), row.faults) == (meaning, ())


def test_another_label_for_reported_is_a_fault_and_no_guess() -> None:
    row = one_cell("是否报到", "也许")
    assert [fault.reason for fault in row.faults] == ["unknown_reported"]
    assert reported(row.cells) is None


@pytest.mark.parametrize(
    "text", ["2026-9-1", "2026-09-01", "2026/9/1", "2026.9.1", "20260901", "2026年9月1日"]
)
def test_a_day_is_read_in_the_forms_in_use(text: str) -> None:
    assert date_in(text) == date(2026, 9, 1)


@pytest.mark.parametrize(
    "text",
    ["2026-13-01", "2026-02-30", "9月1日", "2026-9", "２０２６-9-1", "2026-9-1\n", "", "46266"],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert date_in(text) is None


def test_an_unreadable_day_of_reporting_is_told() -> None:
    row = one_cell("报到日期", "九月初")
    assert [fault.reason for fault in row.faults] == ["unreadable_reported_date"]
    assert reported_on(row.cells) is None


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_written_in_any_form_comes_back(day: date) -> None:
    forms = (day.isoformat(), f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日")
    assert {date_in(form) for form in forms} == {day}
