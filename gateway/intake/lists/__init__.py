"""Schools' lists: one engine reads every door's file, checks its rows and writes its results."""

from gateway.intake.lists.checks import check_row
from gateway.intake.lists.columns import reported, reported_on
from gateway.intake.lists.faults import CellFault, ListRefused
from gateway.intake.lists.reading import CSV, JSON, XLSX, media_type_of, read_list
from gateway.intake.lists.result_sheet import ResultRow, write_result_sheet
from gateway.intake.lists.rows import Limits, ListRow, SchoolList

__all__ = [
    "CSV",
    "JSON",
    "XLSX",
    "CellFault",
    "Limits",
    "ListRefused",
    "ListRow",
    "ResultRow",
    "SchoolList",
    "check_row",
    "media_type_of",
    "read_list",
    "reported",
    "reported_on",
    "write_result_sheet",
]
