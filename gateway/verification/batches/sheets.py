"""The result of a batch as a sheet, sent while it is read: CSV for programs, xlsx for people.

No cell is ever evaluated by a spreadsheet. In CSV a text that begins like a formula is led by an
apostrophe; numbers stay bare there, which a spreadsheet would round: that is what xlsx is for.
"""

import csv
import io
from collections.abc import AsyncIterator

from contracts.outcomes import OUTCOME_LABELS
from gateway.sheets.workbook_stream import WorkbookStream
from gateway.verification.batches.results import Result, Results

TITLES = (
    "行号",
    "序号",
    "姓名",
    "身份证件号",
    "核验结果",
    "结果代码",
    "数据日期",
    "核验凭据",
    "说明",
)
PENDING = "待核验"
REFERRED = "身份信息需县局核实。"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


async def csv_sheet(results: Results) -> AsyncIterator[bytes]:
    """The result as CSV in UTF-8 with a byte order mark, as spreadsheets want it."""
    yield b"\xef\xbb\xbf" + _csv([TITLES])
    async for page in _pages(results):
        yield _csv([tuple(map(_harmless, _cells(result))) for result in page])


async def xlsx_sheet(results: Results) -> AsyncIterator[bytes]:
    """The result as a workbook of plain texts."""
    workbook = WorkbookStream("核验结果")
    yield workbook.add([TITLES])
    async for page in _pages(results):
        yield workbook.add([_cells(result) for result in page])
    yield workbook.end()


async def _pages(results: Results) -> AsyncIterator[list[Result]]:
    ordinal = 0
    while page := await results.after(ordinal):
        ordinal = page[-1].ordinal
        yield page


def _cells(result: Result) -> tuple[str, ...]:
    row, answer = result.row, result.answer
    return (
        str(row.line),
        row.label,
        row.name,
        row.number,
        OUTCOME_LABELS[answer.outcome] if answer else PENDING,
        answer.outcome.value if answer else "",
        answer.as_of if answer else "",
        answer.call_id if answer else "",
        _remark(result),
    )


def _remark(result: Result) -> str:
    repeated = f"与第 {result.same_as} 条相同，只核验一次。" if result.same_as else ""
    return repeated + (REFERRED if result.referred else "")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()
