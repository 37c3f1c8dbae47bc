"""A sheet read as it arrives holds what the same sheet holds read as a whole."""

import io
import json
import resource
from collections.abc import Callable, Iterator, Sequence

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sheets.columns import DOCUMENT, NAME, REQUIRED
from gateway.sheets.faults import ListRefused
from gateway.sheets.reading import CSV, JSON, XLSX, read_list
from gateway.sheets.rows import Limits, ListRow
from gateway.sheets.streams import StreamedSheet
from gateway.sheets.workbook_stream import WorkbookStream
from gateway.sheets.workbook_writer import write_workbook

TITLES = ("序号", "姓名", "性别", "出生日期", "身份证件类型", "身份证件号")
NEEDED = (NAME, DOCUMENT)
_LETTERS = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff"
)
_TEXT = st.text(st.one_of(_LETTERS, st.sampled_from('\n",')), max_size=8)
_ROWS = st.lists(st.tuples(*[_TEXT] * len(TITLES)), min_size=1, max_size=12)


def streamed(
    content: bytes, media_type: str, step: int, limits: Limits | None = None
) -> list[ListRow]:
    sheet = StreamedSheet(media_type, limits or Limits(), REQUIRED)
    rows: list[ListRow] = []
    for start in range(0, len(content), step):
        rows += sheet.feed(content[start : start + step])
    return rows + list(sheet.end())


def as_csv(rows: Sequence[Sequence[str]]) -> str:
    quoted = [",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]
    return "\r\n".join([",".join(TITLES), *quoted])


def as_json(rows: Sequence[Sequence[str]]) -> bytes:
    objects = [dict(zip(TITLES, row, strict=True)) for row in rows]
    return json.dumps({"rows": objects}, ensure_ascii=False).encode()


def as_xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    return write_workbook({"名单": [TITLES, *rows]})


def as_openpyxl(rows: Sequence[Sequence[str]]) -> bytes:
    """The same with shared texts, behind a sheet of instructions."""
    workbook, written = openpyxl.Workbook(), io.BytesIO()
    workbook.active.append(["请填写下一张表"])
    sheet = workbook.create_sheet("名单")
    for row in (TITLES, *rows):
        sheet.append(list(row))
    workbook.save(written)
    return written.getvalue()


FORMS: dict[str, tuple[Callable[[Sequence[Sequence[str]]], bytes], str]] = {
    "csv": (lambda rows: as_csv(rows).encode(), CSV),
    "csv with BOM": (lambda rows: b"\xef\xbb\xbf" + as_csv(rows).encode(), CSV),
    "json": (as_json, JSON),
    "xlsx": (as_xlsx, XLSX),
}


@pytest.mark.parametrize("form", FORMS)
@given(rows=_ROWS, step=st.integers(1, 200))
def test_however_the_bytes_are_cut_the_rows_are_the_same(
    form: str, rows: list[tuple[str, ...]], step: int
) -> None:
    write, media_type = FORMS[form]
    content = write(rows)
    assert taken(lambda: streamed(content, media_type, step)) == taken(
        lambda: list(read_list(content, media_type).rows)
    )


def taken(read: Callable[[], list[ListRow]]) -> list[ListRow] | str:
    """The rows, or why there are none."""
    try:
        return read()
    except ListRefused as refused:
        return refused.reason


@pytest.mark.parametrize("step", [1, 7, 64, 4096])
def test_gb18030_and_a_workbook_of_shared_texts_are_read(step: int) -> None:
    rows = [(str(n), f"虚构{n}", "男", "2020-01-01", "居民身份证", f"99{n:016}") for n in range(40)]
    whole = streamed(as_csv(rows).encode(), CSV, step)
    assert [row.cells for row in streamed(as_csv(rows).encode("gb18030"), CSV, step)] == [
        row.cells for row in whole
    ]
    assert [row.cells for row in streamed(as_openpyxl(rows), XLSX, step)] == [
        row.cells for row in whole
    ]


def test_the_name_and_the_number_are_all_a_sheet_to_verify_needs() -> None:
    sheet = StreamedSheet(CSV, Limits(), NEEDED)
    rows = [*sheet.feed("身份证号,姓名\n1,甲\n".encode()), *sheet.end()]
    assert [(row.cells[NAME], row.cells[DOCUMENT]) for row in rows] == [("甲", "1")]


_BROKEN = {
    "an encoding after another": (
        CSV,
        as_csv([("1", "虚构", "男", "", "", "1")]).encode() + "\r\n2,张三".encode("gb18030"),
        "mixed_encoding",
    ),
    "a quotation mark that is never closed": (
        CSV,
        f'{",".join(TITLES)}\n"1'.encode(),
        "broken_csv",
    ),
    "no heading": (CSV, b"1,2,3\n" * 30, "no_heading"),
    "a heading alone": (CSV, ",".join(TITLES).encode(), "no_rows"),
    "no column of names": (CSV, b"a,b\n1,2\n", "no_heading"),
    "half a JSON": (JSON, as_json([("1",) * 6])[:-2], "broken_json"),
    "JSON twice": (JSON, as_json([("1",) * 6]) * 2, "broken_json"),
    "a number in place of a row": (JSON, b'{"rows": [1]}', "json_shape"),
    "rows inside a cell": (JSON, '{"rows": [{"姓名": []}]}'.encode(), "json_shape"),
    "a key twice": (JSON, '[{"姓名": "a", "姓名": "b"}]'.encode(), "json_duplicate_key"),
    "a surrogate": (JSON, b'[{"\\u59d3\\u540d": "\\ud800"}]', "json_surrogate"),
    "a number that is none": (JSON, '[{"姓名": NaN}]'.encode(), "json_number"),
    "no object at all": (JSON, b'"rows"', "json_shape"),
    "half a workbook": (XLSX, as_xlsx([("1",) * 6])[:-30], "broken_workbook"),
    "no workbook": (XLSX, b"PK" * 100, "broken_workbook"),
    "another type": ("text/plain", b"x", "unsupported_type"),
}


@pytest.mark.parametrize("case", _BROKEN)
@pytest.mark.parametrize("step", [1, 64, 100_000])
def test_what_is_no_sheet_is_refused_however_it_arrives(case: str, step: int) -> None:
    media_type, content, reason = _BROKEN[case]
    with pytest.raises(ListRefused) as refused:
        streamed(content, media_type, step)
    assert refused.value.reason == reason


@pytest.mark.parametrize("form", FORMS)
def test_a_row_too_many_refuses_the_sheet(form: str) -> None:
    write, media_type = FORMS[form]
    content = write([(str(n),) * 6 for n in range(4)])
    with pytest.raises(ListRefused) as refused:
        streamed(content, media_type, 1000, Limits(rows=3))
    assert refused.value.reason == "too_many_rows"


@pytest.mark.parametrize("form", FORMS)
def test_a_body_and_a_cell_too_long_refuse_the_sheet(form: str) -> None:
    write, media_type = FORMS[form]
    content = write([("1" * 600,) * 6])
    for limits in (Limits(body_bytes=100), Limits(cell_bytes=500)):
        with pytest.raises(ListRefused) as refused:
            streamed(content, media_type, 90, limits)
        assert refused.value.reason in ("body_too_large", "cell_too_long")


def test_a_workbook_written_as_its_rows_come_reads_like_one_written_at_once() -> None:
    rows = [(str(n), "=1+1", "男", "", "", f"_x000D_{n}") for n in range(50)]
    stream = WorkbookStream("名单")
    pieces = [stream.add([TITLES]), *(stream.add([row]) for row in rows), stream.end()]
    content = b"".join(pieces)
    assert list(read_list(content, XLSX).rows) == list(read_list(as_xlsx(rows), XLSX).rows)
    assert [row.cells for row in streamed(content, XLSX, 100)] == [
        row.cells for row in read_list(content, XLSX).rows
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.data_type for cell in sheet[2]][1] == "s"


def _endless(rows: int) -> Iterator[bytes]:
    yield (",".join(TITLES) + "\n").encode()
    for first in range(0, rows, 500):
        serials = range(first, first + 500)
        yield "".join(f"{n},虚构{n},男,,,99{n:016}\n" for n in serials).encode()


def test_a_long_sheet_needs_no_more_memory_than_a_short_one() -> None:
    def read(rows: int) -> int:
        sheet = StreamedSheet(CSV, Limits(1 << 40, 10**9, 4096), REQUIRED)
        count = sum(1 for piece in _endless(rows) for _ in sheet.feed(piece))
        assert count == rows
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = read(2_000)
    assert read(40_000) - before < 8 * 1024  # kilobytes
