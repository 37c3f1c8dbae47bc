"""What the registers' feeds say of enrolment, kept blind: the latest of every record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from re import compile as compile_pattern

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.capabilities import Change
from contracts.records import CanonicalRecord, PreschoolRecord, PreschoolStatus, PrimaryRecord
from gateway.database import insert_on
from gateway.people.indexes import index_identity
from gateway.rows import write_rows
from gateway.sealing import Sealer
from gateway.verification.enrolment_queries.rules import Standing
from gateway.verification.enrolment_queries.tables import known_enrolments

PRESCHOOL, STUDENT_STATUS = "preschool", "student_status"
_MONTH = compile_pattern(r"((?:19|20)[0-9]{2})[-/.年]?(0[1-9]|1[0-2])(?:[^0-9].*|[0-9]{2})?")
_OF_PRESCHOOL = {
    PreschoolStatus.ENROLLED: Standing.STANDS,
    PreschoolStatus.DEFERRED: Standing.STANDS,
    PreschoolStatus.IN_TRANSFER: Standing.STANDS,
    PreschoolStatus.PENDING: Standing.UNSETTLED,
    PreschoolStatus.PROBLEM: Standing.UNSETTLED,
    PreschoolStatus.GRADUATED: Standing.PAST,
    PreschoolStatus.LEFT: Standing.PAST,
    PreschoolStatus.CANCELLED: Standing.PAST,
    PreschoolStatus.ADVANCED: Standing.PAST,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What one change of a register says of one record."""

    record_id: str
    school: str
    standing: Standing
    since: str | None
    child: CanonicalRecord = field(repr=False)
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Learning:
    """Keeps what both registers' feeds tell; applying a change twice does no harm."""

    sealer: Sealer

    async def preschool(
        self, connection: AsyncConnection, changes: Sequence[Change[PreschoolRecord]]
    ) -> None:
        """Keep where kindergarten children are."""
        told = [_told_of_preschool(change.record, change.occurred_at) for change in changes]
        await self._keep(connection, PRESCHOOL, told)

    async def students(
        self, connection: AsyncConnection, changes: Sequence[Change[PrimaryRecord]]
    ) -> None:
        """Keep where pupils are."""
        told = [_told_of_student(change.record, change.occurred_at) for change in changes]
        await self._keep(connection, STUDENT_STATUS, told)

    async def _keep(self, connection: AsyncConnection, system: str, told: Sequence[Told]) -> None:
        latest = {one.record_id: self._row(system, one) for one in told}
        await write_rows(connection, _KEEP[connection.dialect.name], list(latest.values()))

    def _row(self, system: str, told: Told) -> dict[str, object]:
        indexes = index_identity(told.child.identity, self.sealer)
        return {
            "system": system,
            "record_id": told.record_id,
            "document_index": indexes.document,
            "number_index": indexes.number,
            "person_index": indexes.person,
            "school": told.school,
            "standing": told.standing.value,
            "since": told.since,
            "changed_at": told.changed_at,
        }


def month_of(text: str | None) -> str | None:
    """Year and month, `2026-09`, of a date or month as registers write them; None for else."""
    read = _MONTH.fullmatch((text or "").strip())
    return f"{read[1]}-{read[2]}" if read else None


def _told_of_student(record: PrimaryRecord, at: datetime) -> Told:
    # A status without a crosswalk row passes for live elsewhere; here it proves nothing.
    unknown = any(value.field == "status" for value in record.child.unmapped)
    standing = Standing.STANDS if record.live and record.approved else Standing.UNSETTLED
    if unknown:
        standing = Standing.UNSETTLED
    elif not record.live:
        standing = Standing.ENDED
    since = month_of(record.child.fields.get("enrolled_in"))
    return Told(record.record_id, record.school, standing, since, record.child, at)


def _told_of_preschool(record: PreschoolRecord, at: datetime) -> Told:
    status = record.status
    standing = _OF_PRESCHOOL[status] if status is not None else Standing.UNSETTLED
    since = month_of(record.child.extension.get("入园日期"))
    return Told(record.record_id, record.institution, standing, since, record.child, at)


def _keeping(engine: str) -> sqlite.Insert | postgresql.Insert:
    statement = insert_on(engine, known_enrolments)
    fresh = {
        column.name: statement.excluded[column.name]
        for column in known_enrolments.columns
        if not column.primary_key
    }
    return statement.on_conflict_do_update(index_elements=["system", "record_id"], set_=fresh)


_KEEP = {engine: _keeping(engine) for engine in ("sqlite", "postgresql")}
