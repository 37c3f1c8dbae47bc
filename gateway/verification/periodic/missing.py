"""Records without the document that their number says they have (身份证件号缺失)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.number import NumberKind
from gateway.verification.problems.findings import Finding, clear_findings, raise_findings
from gateway.verification.problems.holdings import Held
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.verification.problems.tables import problem_findings

_MISSING = ProblemClass.DOCUMENT_MISSING
_columns = problem_findings.c


async def note_missing_documents(
    connection: AsyncConnection,
    records: Sequence[Row[tuple[Any, ...]]],
    held: Mapping[str, Held],
    now: datetime,
) -> None:
    """Note records under a formal number that have no document, and end where they have one.

    A G number was given upon a document. To have neither is legal, and no problem of anybody.
    """
    without = {one for one in held if _missing(held[one])}
    found = [
        Finding(row.subject_id, row.key_id, row.school, row.area, _MISSING)
        for row in records
        if row.subject_id in without
    ]
    await raise_findings(connection, found, now)
    query = select(_columns.subject_id).where(
        _columns.subject_id.in_(sorted(held.keys() - without)),
        _columns.problem_class == _MISSING.value,
        _columns.cleared_at.is_(None),
    )
    over = (await connection.execute(query)).scalars().all()
    await clear_findings(connection, [(one, _MISSING.value, "") for one in over], now)


def _missing(record: Held) -> bool:
    formal = (record.number or "").startswith(NumberKind.FORMAL)
    return formal and record.identity.document is None
