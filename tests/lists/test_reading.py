"""Every door gives the same rows, whatever stands around them."""

import io
import json
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from gateway.intake.lists import CSV, JSON, XLSX, Limits, ListRefused, media_type_of, read_list
from gateway.sheets.columns import COLUMNS
from tests.lists.lists import ANNA, BEN, DOORS, TITLES, csv_text, json_text, read, workbook


@pytest.mark.parametrize("door", DOORS)
def test_every_door_gives_the_same_rows(door: str) -> None:
    media_type, write = DOORS[door]
    rows = list(read_list(write(TITLES, ANNA, BEN), media_type).rows)
    assert [tuple(row.cells[title] for title in TITLES) for row in rows] == [ANNA, BEN]
    assert [row.row for row in rows] == ["1", "2"]
    assert not any(row.faults for row in rows)


def test_every_known_column_is_there_even_where_the_list_lacks_it() -> None:
    assert tuple(read(ANNA)[0].cells) == COLUMNS
    assert read(ANNA)[0].cells["监护人证件号"] == ""


def test_titles_are_recognised_however_they_are_written() -> None:
    titles = (
        "序 号", "*学生姓名", "性别（必填）", "出生日期(yyyy-mm-dd)", "证件类型：", "身份证号码",
        "国网学籍号", "是否已报到", "报到时间",
    )  # fmt: skip
    rows = read(ANNA, titles=titles)
    assert tuple(rows[0].cells[title] for title in TITLES) == ANNA


def test_the_heading_may_stand_below_a_title_and_remarks() -> None:
    content = workbook(["2026年秋季录取名单"], [], ["填表人：教务处"], TITLES, ANNA, BEN)
    rows = list(read_list(content, XLSX).rows)
    assert [(row.row, row.line) for row in rows] == [("1", 5), ("2", 6)]


def test_an_instruction_sheet_may_stand_before_the_list() -> None:
    book = Workbook()
    book.active.append(["填表说明", "请勿改动标题行"])
    sheet = book.create_sheet("名单")
    for row in (TITLES, ANNA):
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    assert [row.row for row in read_list(packed.getvalue(), XLSX).rows] == ["1"]


def test_a_list_that_starts_away_from_the_corner_keeps_its_line_numbers() -> None:
    shifted = [["", "", *row] for row in (TITLES, ("", *BEN[1:]))]
    rows = list(read_list(workbook([], [], *shifted), XLSX).rows)
    assert [(row.row, row.line) for row in rows] == [("4", 4)]


def test_a_blank_serial_number_is_replaced_by_the_line() -> None:
    assert [row.row for row in read(("", *ANNA[1:]), BEN)] == ["2", "2"]


def test_wholly_blank_rows_are_passed_over_and_no_other_is() -> None:
    rows = read(ANNA, [None] * 9, ["", "  "], [None, None, None, None, None, None, None, None, "x"])
    assert [row.line for row in rows] == [2, 5]


def test_unknown_columns_are_named_and_not_taken_over() -> None:
    content = workbook(
        (*TITLES, "备注", "母亲职务", "家庭年收入", "父亲工作单位"), (*ANNA, *"abcd")
    )
    accepted = read_list(content, XLSX)
    assert accepted.ignored == ("备注",)
    assert accepted.dropped == ("母亲职务", "家庭年收入", "父亲工作单位")
    assert not set("abcd") & set(next(accepted.rows).cells.values())


@pytest.mark.parametrize("column", ["姓名", "性别", "出生日期", "身份证件类型", "身份证件号"])
@pytest.mark.parametrize("door", DOORS)
def test_a_missing_column_is_named(door: str, column: str) -> None:
    media_type, write = DOORS[door]
    place = TITLES.index(column)
    rows = [row[:place] + row[place + 1 :] for row in (TITLES, ANNA)]
    with pytest.raises(ListRefused) as refused:
        read_list(write(*rows), media_type)
    if column == "姓名":  # without names no row can be told to be the heading
        assert refused.value.reason == "no_heading"
    else:
        assert (refused.value.reason, refused.value.column) == ("missing_column", column)


def test_two_columns_of_one_meaning_refuse_the_list() -> None:
    with pytest.raises(ListRefused) as refused:
        read_list(workbook((*TITLES, "证件号码"), (*ANNA, "1")), XLSX)
    assert (refused.value.reason, refused.value.line, refused.value.column) == (
        "duplicate_column",
        1,
        "身份证件号",
    )


@pytest.mark.parametrize(
    "cell",
    [
        date(2018, 1, 1),
        datetime(2018, 1, 1, 8, 30),  # noqa: DTZ001 - cells have no zone
        "2018-01-01",
        " 2018-01-01\n",
    ],
    ids=["a date", "a time", "text", "text with blanks"],
)
def test_a_birth_date_may_be_a_date_or_a_text(cell: object) -> None:
    assert read((*BEN[:3], cell, *BEN[4:]))[0].cells["出生日期"] == "2018-01-01"


@pytest.mark.parametrize("cell", [20180101, 20180101.0])
def test_a_date_typed_as_a_whole_number_keeps_its_digits(cell: object) -> None:
    assert read((*BEN[:3], cell, *BEN[4:]))[0].cells["出生日期"] == "20180101"


def test_json_takes_an_array_and_plain_values() -> None:
    child = {"姓名": "张三", "性别": "男", "出生日期": 20180101, "证件类型": "护照", "证件号": 123}
    content = json.dumps([child | {"是否报到": True, "学籍号": None}])
    row = next(read_list(content.encode(), "application/json; charset=utf-8").rows)
    assert (row.cells["身份证件号"], row.cells["是否报到"]) == ("123", "是")
    assert row.row == "1"


def test_a_key_missing_in_some_json_rows_is_blank_there() -> None:
    rows = list(read_list(json_text(TITLES, ANNA, BEN[:6]), JSON).rows)
    assert rows[1].cells["是否报到"] == ""


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (b"", XLSX, "broken_workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), XLSX, "broken_workbook"),
        (b"", CSV, "no_heading"),
        (b"", JSON, "broken_json"),
        (b"{}", JSON, "json_shape"),
        (b"[]", JSON, "no_rows"),
        (csv_text(TITLES).encode(), CSV, "no_rows"),
        (workbook(["nothing"]), XLSX, "no_heading"),
        (b"x", "application/vnd.ms-excel", "unsupported_type"),
        (csv_text(TITLES, (*ANNA[:-1], '"')).encode()[:-3], CSV, "broken_csv"),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(
    content: bytes, media_type: str, reason: str
) -> None:
    with pytest.raises(ListRefused) as refused:
        read_list(content, media_type)
    assert refused.value.reason == reason
    assert refused.value.message_zh
    assert refused.value.remedy_en


@pytest.mark.parametrize("door", DOORS)
def test_too_many_rows_are_refused_before_the_first_is_given(door: str) -> None:
    media_type, write = DOORS[door]
    with pytest.raises(ListRefused) as refused:
        read_list(write(TITLES, ANNA, BEN, ANNA), media_type, Limits(rows=2))
    assert refused.value.reason == "too_many_rows"
    assert refused.value.line in (3, 4)


@pytest.mark.parametrize("door", DOORS)
def test_a_list_of_the_largest_size_is_read(door: str) -> None:
    media_type, write = DOORS[door]
    content = write(TITLES, ANNA, BEN)
    limits = Limits(rows=2, body_bytes=len(content))
    assert len(list(read_list(content, media_type, limits).rows)) == 2


@pytest.mark.parametrize("door", DOORS)
def test_a_body_above_the_limit_is_refused(door: str) -> None:
    media_type, write = DOORS[door]
    content = write(TITLES, ANNA)
    with pytest.raises(ListRefused) as refused:
        read_list(content, media_type, Limits(body_bytes=len(content) - 1))
    assert refused.value.reason == "body_too_large"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("title", "named"), [("姓名", "姓名"), ("备注", "B")])
def test_an_overlong_cell_refuses_the_list_and_says_where(
    door: str, title: str, named: str
) -> None:
    media_type, write = DOORS[door]
    titles = ("姓名", title, "性别", "出生日期", "证件类型", "证件号")
    if title == "姓名":
        titles = ("备注", *titles[1:])
    long = "张" * 1366  # 4,098 bytes
    blank = ("一", "二", "", "", "", "")
    with pytest.raises(ListRefused) as refused:
        read_list(write(titles, blank, ("一", long, *blank[2:])), media_type)
    place = (refused.value.reason, refused.value.column)
    assert place == ("cell_too_long", named)
    assert refused.value.line in (2, 3)


def test_a_cell_of_exactly_the_limit_is_read() -> None:
    assert read((*ANNA[:1], "张" * 1365, *ANNA[2:]))[0].cells["姓名"] == "张" * 1365


@pytest.mark.parametrize(
    ("name", "media_type"), [("a.XLSX", XLSX), ("b.csv", CSV), ("c.json", JSON)]
)
def test_the_suffix_names_the_media_type(name: str, media_type: str) -> None:
    assert media_type_of(name) == media_type


def test_an_unknown_suffix_is_refused() -> None:
    with pytest.raises(ListRefused):
        media_type_of("list.xls")


def test_nothing_of_a_row_shows_in_its_repr() -> None:
    assert "张" not in repr(read(BEN)) + repr(read_list(workbook(TITLES, BEN), XLSX))
