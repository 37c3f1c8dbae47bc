"""Notices come in: each is kept, and for each record it meets a correction is put in quarantine.

The unit is told that its notices were received, and nothing of what they met.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.records import Document
from gateway.access.grants import Grant
from gateway.clock import Clock
from gateway.evidence import Action, Entry, Log, Subject
from gateway.identifiers import Identifiers
from gateway.office_hours import OFFICE_TIME
from gateway.people.indexes import index_document
from gateway.sealing import DataKey, KeyRow, Sealer, store_keys
from gateway.verification.asking import claim_reference
from gateway.verification.notices.notice import Correction, Notice, columns_of, seal_notice
from gateway.verification.notices.rules import NoticeKind, State
from gateway.verification.notices.tables import identity_corrections, identity_notices
from gateway.verification.problems.findings import Finding, raise_findings
from gateway.verification.problems.holdings import Holdings
from gateway.verification.problems.rules.classes import ProblemClass
from gateway.web.idempotency import Keys, Wish
from gateway.working_days import WorkingDays

DECIDED_WITHIN = 10  # working days
_CHANGED = ProblemClass.DOCUMENT_CHANGED


@dataclass(frozen=True, slots=True)
class Met:
    """A record that a notice is about."""

    subject_id: str
    key_id: str
    school: str
    area: str


@dataclass(frozen=True, slots=True)
class Taking:
    """What it takes to take notices in."""

    sealer: Sealer = field(repr=False)
    clock: Clock
    identifiers: Identifiers
    log: Log
    keys: Keys
    holdings: Holdings
    working_days: WorkingDays

    async def take(
        self,
        connection: AsyncConnection,
        grant: Grant,
        notices: Sequence[Notice],
        wish: Wish | None,
    ) -> str:
        """The receipt's id; under a key that was used before, that of its first request."""
        receipt_id, now = self.identifiers(), self.clock.now()
        if wish is not None:
            made = await self.keys.claim(connection, wish, receipt_id, 1.0)
            if made != receipt_id:
                return made
            await self.keys.settle(connection, wish)
        records = await self._records(connection, grant, notices)
        for place, notice in enumerate(notices, 1):
            found = records.get(self._document(notice), [])
            met = [Met(row.subject_id, row.key_id, row.school, row.area) for row in found]
            await self.keep(connection, grant, (receipt_id, place), notice, met, now)
        return receipt_id

    async def keep(
        self,
        connection: AsyncConnection,
        grant: Grant,
        receipt: tuple[str, int],
        notice: Notice,
        met: Sequence[Met],
        now: datetime,
        *,
        takes_back: str | None = None,
    ) -> None:
        """Keep a notice, by receipt and place, and put a correction of each record it meets."""
        notice_id = self.identifiers()
        wrapped, key = self.sealer.new_key()
        await store_keys(connection, [KeyRow(key_id=notice_id, wrapped=wrapped, created_at=now)])
        row = {
            "notice_id": notice_id,
            "receipt_id": receipt[0],
            "place": receipt[1],
            "unit": grant.institution,
            "officer": grant.user,
            "case": grant.case,
            "kind": notice.kind.value,
            "key_id": notice_id,
            "sealed_notice": seal_notice(notice, key),
            "received_at": now,
            "takes_back": takes_back,
        }
        await connection.execute(identity_notices.insert().values(row))
        corrections = [columns_of(self._correction(notice_id, record, now)) for record in met]
        if corrections:
            await connection.execute(identity_corrections.insert(), corrections)
        if notice.kind is NoticeKind.RENUMBERED and takes_back is None:
            await _reveal(connection, notice_id, met, now)
        await self.log.append(connection, [self._entry(grant, notice_id, receipt[0], notice, key)])

    async def _records(
        self, connection: AsyncConnection, grant: Grant, notices: Sequence[Notice]
    ) -> Mapping[str, list[Row[tuple[Any, ...]]]]:
        held = self.holdings.rows().subquery()
        documents = sorted({self._document(notice) for notice in notices})
        within = held.c.area.startswith(grant.scope.value, autoescape=True)
        query = select(held).where(within, held.c.document_index.in_(documents))
        found: dict[str, list[Row[tuple[Any, ...]]]] = {}
        for row in await connection.execute(query):
            found.setdefault(row.document_index, []).append(row)
        return found

    def _correction(self, notice_id: str, record: Met, now: datetime) -> Correction:
        today = now.astimezone(OFFICE_TIME).date()
        return Correction(
            correction_id=self.identifiers(),
            notice_id=notice_id,
            subject_id=record.subject_id,
            key_id=record.key_id,
            school=record.school,
            area=record.area,
            state=State.QUARANTINED,
            version=1,
            owner=f"county:{record.area}",
            created_at=now,
            due_on=self.working_days.after(today, DECIDED_WITHIN).isoformat(),
        )

    def _document(self, notice: Notice) -> str:
        return index_document(Document("1", "", notice.citizen_number), self.sealer) or ""

    def _entry(
        self, grant: Grant, notice_id: str, receipt_id: str, notice: Notice, key: DataKey
    ) -> Entry:
        told: dict[str, object] = {"number": notice.citizen_number, "kind": notice.kind.value}
        reference = claim_reference(notice.citizen_number, self.sealer)
        return Entry(
            action=Action.NOTICE_RECEIVED,
            outcome=notice.kind.value,
            actor=grant.actor,
            purpose=grant.purpose or "",
            basis=grant.basis,
            case=grant.case,
            object_ref=notice_id,
            request_id=grant.trace_id,
            subjects=(Subject(reference, notice_id, key, told, 1),),
            content={"receipt": receipt_id},
        )


async def _reveal(
    connection: AsyncConnection, notice_id: str, met: Sequence[Met], now: datetime
) -> None:
    """Note that these records stand under a number that is no more (已发生变更)."""
    found = [
        Finding(one.subject_id, one.key_id, one.school, one.area, _CHANGED, claim=notice_id)
        for one in met
    ]
    await raise_findings(connection, found, now)
