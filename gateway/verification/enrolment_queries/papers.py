"""Papers owed: an urgent query is answered first, its paper has to follow within a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from gateway.clock import Clock
from gateway.database import Database
from gateway.evidence import Action, Actor, Entry, Log
from gateway.verification.enrolment_queries.tables import enrolment_queries

CHASED_EVERY = timedelta(hours=24)
AT_ONCE = 200
_columns = enrolment_queries.c
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper that followed: its document number, and the SHA-256 of the signed file."""

    document_number: str
    sha256: str


def owed() -> ColumnElement[bool]:
    """The condition on queries whose paper is still to come."""
    return and_(_columns.paper_due_at.is_not(None), _columns.paper_at.is_(None))


def overdue(now: datetime) -> ColumnElement[bool]:
    """The condition on queries whose paper should have come."""
    return and_(owed(), _columns.paper_due_at <= now)


async def has_overdue(connection: AsyncConnection, unit: str, now: datetime) -> bool:
    """Whether the unit owes a paper past its time: then it asks nothing urgently."""
    query = select(_columns.query_id).where(_columns.unit == unit, overdue(now)).limit(1)
    return (await connection.execute(query)).first() is not None


async def record_paper(
    connection: AsyncConnection, query_id: str, paper: Paper, by: str, now: datetime
) -> bool:
    """Keep the paper of a query; False where another one is kept already."""
    mine = _columns.query_id == query_id
    taken = await connection.execute(
        update(enrolment_queries)
        .where(mine, owed())
        .values(
            paper_number=paper.document_number,
            paper_sha256=paper.sha256,
            paper_by=by,
            paper_at=now,
        )
    )
    if taken.rowcount == 1:
        return True
    kept = select(_columns.paper_number, _columns.paper_sha256).where(mine)
    row = (await connection.execute(kept)).one()
    return (row.paper_number, row.paper_sha256) == (paper.document_number, paper.sha256)


@dataclass(frozen=True, slots=True)
class Chasing:
    """The chore that chases papers past their time, on record, daily until they come."""

    database: Database
    clock: Clock
    log: Log

    async def run(self) -> None:
        """Chase every paper that is due for it."""
        while await self._some() == AT_ONCE:
            pass

    async def _some(self) -> int:
        now = self.clock.now()
        rested = (_columns.chased_at.is_(None)) | (_columns.chased_at <= now - CHASED_EVERY)
        query = select(_columns.query_id, _columns.unit).where(overdue(now), rested).limit(AT_ONCE)
        async with self.database.transaction() as connection:
            rows = (await connection.execute(query.with_for_update(skip_locked=True))).all()
            if not rows:
                return 0
            await connection.execute(
                update(enrolment_queries)
                .where(_columns.query_id.in_([row.query_id for row in rows]))
                .values(chased=_columns.chased + 1, chased_at=now)
            )
            await self.log.append(connection, [_chased(row.query_id, row.unit) for row in rows])
        _log.warning("enrolment_papers_overdue", papers=len(rows))
        return len(rows)


def _chased(query_id: str, unit: str) -> Entry:
    return Entry(
        action=Action.ENROLMENT_PAPER_OVERDUE,
        outcome="chased",
        actor=Actor("jisui", "", "worker", ""),
        purpose="",
        basis="",
        case="",
        object_ref=query_id,
        request_id="",
        content={"unit": unit},
    )
