"""The report as a workbook: differences, schools that have not finished, old temporary numbers."""

from collections.abc import Iterable, Iterator, Sequence

from gateway.sheets.workbook_writer import write_workbook
from gateway.verification.periodic.doors.views import DifferenceView, SchoolView, TemporaryView

_DIFFERENCES = (
    "序号", "学校", "班级", "类别", "花名册姓名", "学籍姓名", "说明", "问题学籍编号",
)  # fmt: skip
_SCHOOLS = ("学校", "行政区划", "学籍数", "已签花名册学籍数", "完成", "轮到谁", "期限", "逾期")
_TEMPORARIES = ("学校", "行政区划", "姓名", "启用日期", "已历天数", "学籍记录")
_YES, _NO = "是", "否"


def write_periodic_report(
    differences: Iterable[DifferenceView],
    schools: Iterable[SchoolView],
    temporaries: Iterable[TemporaryView],
) -> bytes:
    """An .xlsx of three sheets; every cell is text no spreadsheet evaluates."""
    return write_workbook(
        {
            "人籍不一致": _differences(differences),
            "学校进度": _schools(schools),
            "临时学籍号": _temporaries(temporaries),
        }
    )


def _differences(lines: Iterable[DifferenceView]) -> Iterator[Sequence[str]]:
    yield _DIFFERENCES
    for place, one in enumerate(lines, 1):
        names = (one.listed_name or "", one.recorded_name or "")
        yield (
            str(place),
            one.school,
            one.class_name,
            one.zh,
            *names,
            one.reason,
            one.problem_id or "",
        )


def _schools(lines: Iterable[SchoolView]) -> Iterator[Sequence[str]]:
    yield _SCHOOLS
    for one in lines:
        yield (
            one.school,
            one.area,
            str(one.records),
            str(one.listed),
            _YES if one.finished else _NO,
            one.owner,
            one.due_on.isoformat() if one.due_on else "",
            _YES if one.overdue else _NO,
        )


def _temporaries(lines: Iterable[TemporaryView]) -> Iterator[Sequence[str]]:
    yield _TEMPORARIES
    for one in lines:
        since = one.since.isoformat()
        yield (one.school, one.area, one.name or "", since, str(one.days), one.record)
