"""The preschool register's records in our words."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from adapters.wire import OutsideContract
from contracts.records import PreschoolRecord, Provenance, UnmappedValue
from mappings import Crosswalks

SOURCE = "preschool"
_REQUIRED = ("记录编号", "机构标识码", "学籍号", "学籍状态")
# Columns about the record; all the others are about the child.
_REGISTER_COLUMNS = frozenset(
    {
        *_REQUIRED,
        "升入学校标识码",
        "升学日期",
        "升学请求号",
        "缓学批准文号",
        "缓学截止日期",
    }
)
_DAY = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?")


def read_record(
    cells: Mapping[str, Any], read_at: datetime, *, crosswalks: Crosswalks
) -> PreschoolRecord:
    """One record; raise `OutsideContract` where the register's own columns are not as promised."""
    if not all(isinstance(cell, str) for cell in cells.values()) or not all(
        cells.get(name) is not None for name in _REQUIRED
    ):
        raise OutsideContract
    child = crosswalks.preschool.read(
        {name: cell for name, cell in cells.items() if name not in _REGISTER_COLUMNS},
        number=cells["学籍号"].strip() or None,
        provenance=Provenance(SOURCE, read_at),
    )
    deferred_until, unread = _day(cells.get("缓学截止日期", ""))
    return PreschoolRecord(
        record_id=cells["记录编号"],
        institution=cells["机构标识码"],
        status=crosswalks.preschool.status(cells["学籍状态"].strip()),
        child=replace(child, unmapped=(*child.unmapped, *unread)),
        advanced_to=cells.get("升入学校标识码") or None,
        deferral_reference=cells.get("缓学批准文号") or None,
        deferred_until=deferred_until,
    )


def _day(cell: str) -> tuple[date | None, tuple[UnmappedValue, ...]]:
    if not cell.strip():
        return None, ()
    matched = _DAY.fullmatch(cell.strip())
    try:
        return (date(*map(int, matched.groups())) if matched else _no_day()), ()
    except ValueError:
        return None, (UnmappedValue("deferred_until", "date", cell, SOURCE),)


def _no_day() -> date:
    raise ValueError
