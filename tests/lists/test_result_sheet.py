"""The result sheet can be read by people, handed in again, and evaluates nothing."""

import io
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from gateway.intake.lists import XLSX, ListRefused, ResultRow, read_list, write_result_sheet
from gateway.sheets.columns import COLUMNS
from gateway.sheets.faults import fault
from tests.lists.lists import BEN, TITLES, read, workbook

_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'", '"', "|", "%", "\n=")
_REST = (
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://127.0.0.1","x")', "SUM(A1:A9)", "IMPORTXML(1)",
    "WEBSERVICE(1)", "DDE(1)", "2026-09-01", "1e9", "张三", " ", "_x0041_", "&<>\"'", "[1]a!A1",
    "{1}", "\u202e1", "A1", "\ue863", "𠮷", "1;2",
)  # fmt: skip
_PAYLOADS = [start + rest for start in _STARTS for rest in _REST]
_WRITABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def first_sheet(content: bytes) -> list[list[object]]:
    return list(
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).iter_rows()
    )


def test_both_sheets_say_what_is_to_be_done() -> None:
    row = read(BEN)[0]
    faulty = ResultRow(
        "2", "张䶮", "待处理", "名单信息有误", "学校", "请核对", cells=row.cells,
        faults=(fault("身份证件号", "document_length"),),
    )  # fmt: skip
    content = write_result_sheet([ResultRow("1", "李四", "已接续", number="L1"), faulty])
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["结果", "更正后重传"]
    results, corrections = ([[cell.value for cell in line] for line in sheet] for sheet in book)
    assert results[0] == ["序号", "姓名", "状态", "原因", "轮到谁", "下一步", "学籍号", "核验问题"]
    assert results[1] == ["1", "李四", "已接续", None, None, None, "L1", None]
    assert corrections[0] == [*COLUMNS, "更正说明"]
    assert corrections[1][:6] == list(BEN[:6])
    assert "18位" in corrections[1][-1]
    assert len(corrections) == 2


def test_the_whole_workbook_can_be_handed_in_again() -> None:
    rows = read(BEN, ("", *BEN[1:]))
    told = [
        ResultRow(row.row, "x", "待处理", cells=row.cells, faults=(fault("姓名", "missing_name"),))
        for row in rows
    ]
    again = list(read_list(write_result_sheet([*told, ResultRow("9", "y", "已接续")]), XLSX).rows)
    assert [row.cells for row in again] == [row.cells for row in rows]


def test_a_result_without_faults_leaves_nothing_to_hand_in() -> None:
    with pytest.raises(ListRefused) as refused:
        read_list(write_result_sheet([ResultRow("1", "x", "已接续")]), XLSX)
    assert refused.value.reason == "no_rows"


@pytest.mark.parametrize("payload", _PAYLOADS)
def test_no_cell_is_a_formula_whatever_it_begins_with(payload: str) -> None:
    content = write_result_sheet([ResultRow("1", payload, payload)])
    cell = openpyxl.load_workbook(io.BytesIO(content))["结果"]["B2"]
    assert (cell.data_type, cell.quotePrefix, cell.number_format) == ("s", True, "@")
    assert first_sheet(content)[1][1] == payload
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = "".join(archive.read(name).decode() for name in archive.namelist())
    assert not re.search("<f[ >]", parts)


def test_three_hundred_payloads_are_tried() -> None:
    assert len(set(_PAYLOADS)) >= 300


@given(_WRITABLE, _WRITABLE)
@settings(max_examples=200)
def test_any_text_comes_back_as_it_was(name: str, state: str) -> None:
    content = write_result_sheet([ResultRow("1", name, state)])
    assert first_sheet(content)[1][1:3] == [name, state]


def test_the_same_rows_give_the_same_bytes() -> None:
    rows = [ResultRow("1", "李四", "已接续")]
    assert write_result_sheet(rows) == write_result_sheet(rows)


def test_a_corrected_workbook_saved_by_a_spreadsheet_reads_the_same() -> None:
    row = read(BEN)[0]
    content = write_result_sheet(
        [ResultRow("2", "x", "待处理", cells=row.cells, faults=(fault("姓名", "missing_name"),))]
    )
    saved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(content)).save(saved)
    assert [again.cells for again in read_list(saved.getvalue(), XLSX).rows] == [row.cells]


def test_names_and_numbers_do_not_show_in_a_repr() -> None:
    assert "张" not in repr(ResultRow("1", "张三", "已接续", number="L1", cells={"姓名": "张三"}))


def test_a_list_is_not_mistaken_for_a_result() -> None:
    assert len(list(read_list(workbook(TITLES, BEN, sheet="结果"), XLSX).rows)) == 1
