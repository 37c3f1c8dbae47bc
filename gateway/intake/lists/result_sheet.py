"""The result sheet a school gets back: what became of each child, and the rows to correct."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gateway.sheets.columns import COLUMNS
from gateway.sheets.faults import CellFault
from gateway.sheets.workbook import CORRECTIONS
from gateway.sheets.workbook_writer import write_workbook

RESULTS = "结果"
_RESULT_TITLES = ("序号", "姓名", "状态", "原因", "轮到谁", "下一步", "学籍号", "核验问题")
_ADVICE = "更正说明"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One child's line, its words as the clerk reads them.

    A row with faults also carries its cells as handed in, to be corrected and handed in again.
    """

    row: str
    name: str = field(repr=False)
    state: str
    reason: str = ""
    turn: str = ""
    next_step: str = ""
    number: str = field(default="", repr=False)
    problems: str = ""
    cells: Mapping[str, str] = field(default_factory=dict, repr=False)
    faults: tuple[CellFault, ...] = ()


def write_result_sheet(rows: Iterable[ResultRow]) -> bytes:
    """An .xlsx with the sheets 结果 and 更正后重传; the second one can be handed in as it is.

    Every cell is text that no spreadsheet evaluates, whatever it begins with.
    """
    to_correct: list[ResultRow] = []
    return write_workbook(
        {RESULTS: _results(rows, to_correct), CORRECTIONS: _corrections(to_correct)}
    )


def _results(rows: Iterable[ResultRow], to_correct: list[ResultRow]) -> Iterator[tuple[str, ...]]:
    """The lines of the first sheet; rows with faults are set aside for the second."""
    yield _RESULT_TITLES
    for row in rows:
        if row.faults:
            to_correct.append(row)
        yield (
            row.row,
            row.name,
            row.state,
            row.reason,
            row.turn,
            row.next_step,
            row.number,
            row.problems,
        )


def _corrections(to_correct: Iterable[ResultRow]) -> Iterator[tuple[str, ...]]:
    yield (*COLUMNS, _ADVICE)
    for row in to_correct:
        yield (*(row.cells.get(column, "") for column in COLUMNS), _advice(row.faults))


def _advice(faults: Iterable[CellFault]) -> str:
    return "；".join(f"{found.column}：{found.message_zh}{found.remedy_zh}" for found in faults)
