"""The county's list as a workbook: one sheet of records, one of counts."""

from collections.abc import Iterable, Iterator, Sequence

from gateway.sheets.workbook_writer import write_workbook
from gateway.verification.problems.doors.views import ProblemLine, ProblemTally
from gateway.verification.problems.rules.remedies import REMEDY_LABELS

_TITLES = (
    "序号", "学校", "姓名", "问题类别", "状态", "轮到谁",
    "办理期限", "发现日期", "已历天数", "处理方式", "编号",
)  # fmt: skip
_COUNT_TITLES = ("行政区划", "问题类别", "发现", "已办结", "未办结", "逾期")


def write_problem_sheet(lines: Iterable[ProblemLine], tallies: Iterable[ProblemTally]) -> bytes:
    """An .xlsx with the sheets 问题学籍 and 统计; every cell is text no spreadsheet evaluates."""
    return write_workbook({"问题学籍": _lines(lines), "统计": _tallies(tallies)})


def _lines(lines: Iterable[ProblemLine]) -> Iterator[Sequence[str]]:
    yield _TITLES
    for place, line in enumerate(lines, 1):
        yield (
            str(place),
            line.school,
            line.name or "",
            "；".join(one.zh for one in line.classes),
            line.state_zh,
            line.turn_zh,
            line.due_on or "",
            line.opened_at.date().isoformat(),
            str(line.age_days),
            REMEDY_LABELS[line.remedy] if line.remedy else "",
            line.problem_id,
        )


def _tallies(tallies: Iterable[ProblemTally]) -> Iterator[Sequence[str]]:
    yield _COUNT_TITLES
    for one in tallies:
        counts = (one.found, one.closed, one.standing, one.overdue)
        yield (one.area, one.zh, *map(str, counts))
