"""A year in figures, for the yearly compliance audit (未成年人网络保护条例 37): a sheet of counts.

A row for each month, class, action, role, purpose and outcome: how many entries, and how many of
them somebody approved. All of it follows from the entries, so that anybody may count again.
"""

import csv
import io
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import Database
from gateway.evidence import Entry, Log
from gateway.evidence.retaining.classes import load_accounts
from gateway.evidence.searching.indexing import index_entries
from gateway.evidence.searching.tables import entry_index

_LOCAL = ZoneInfo("Asia/Shanghai")
_HEADER = ("月份", "类别", "行为", "角色", "目的", "结果", "次数", "其中经他人批准")
_BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheet programs take UTF-8 for something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_index = entry_index.c


@dataclass(frozen=True, slots=True)
class Line:
    """How often something happened in one month, and how often somebody else approved it."""

    month: str
    keeping: str
    action: str
    role: str
    purpose: str
    outcome: str
    entries: int
    approved: int


@dataclass(frozen=True, slots=True)
class Accounting:
    """What accounting for a year needs."""

    database: Database
    log: Log

    async def year(self, year: int, entry: Entry) -> list[Line]:
        """The lines of a year by the clock of Beijing; put on record as `entry`."""
        await index_entries(self.database)
        async with self.database.reading() as connection:
            lines = [
                line for month in range(1, 13) for line in await _month(connection, year, month)
            ]
        content = {"chosen_by": "year", "year": str(year), "count": str(len(lines))}
        async with self.database.transaction() as connection:
            await self.log.append(connection, [replace(entry, content=content)])
        return lines


def sheet(lines: list[Line]) -> bytes:
    """The lines as CSV that spreadsheet programs open."""
    written = io.StringIO()
    csv.writer(written).writerows([_HEADER, *map(_cells, lines)])
    return (_BYTE_ORDER_MARK + written.getvalue()).encode()


def _cells(line: Line) -> list[object]:
    # A subscriber's words may stand in an outcome; no spreadsheet is to evaluate them.
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
        for cell in astuple(line)
    ]


async def _month(connection: AsyncConnection, year: int, month: int) -> list[Line]:
    since = datetime(year, month, 1, tzinfo=_LOCAL)
    until = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=_LOCAL)
    kinds = (_index.action, _index.role, _index.purpose, _index.outcome)
    query = (
        select(*kinds, func.count(), func.sum(cast(_index.approved, Integer)))
        .where(_index.at >= since, _index.at < until)
        .group_by(*kinds)
        .order_by(*kinds)
    )
    accounts = load_accounts()
    found = await connection.execute(query)
    # What nobody can read is counted too, without a class.
    classes = [(accounts[row[0]].keeping if row[0] in accounts else "", row) for row in found]
    return [Line(f"{year}-{month:02}", keeping, *row) for keeping, row in classes]
