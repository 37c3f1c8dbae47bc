"""Schools' lists: what a row may say, and the sheet a school gets back."""

from gateway.intake.lists.checks import check_row
from gateway.intake.lists.result_sheet import ResultRow, write_result_sheet
from gateway.sheets.columns import reported, reported_on
from gateway.sheets.faults import CellFault, ListRefused
from gateway.sheets.reading import CSV, JSON, XLSX, media_type_of, read_list
from gateway.sheets.rows import Limits, ListRow, SchoolList

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
