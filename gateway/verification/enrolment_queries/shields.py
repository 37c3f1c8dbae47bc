"""Shields: children of whom nobody who asks here is told anything, by an office's decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.grants import Grant
from gateway.database import insert_into
from gateway.verification.enrolment_queries.tables import shielded_children


@dataclass(frozen=True, slots=True)
class Shield:
    """The decision to shield one child, by whom and with whose approval, on which document."""

    document_index: str
    approver: str


async def shielded(connection: AsyncConnection, documents: Sequence[str]) -> frozenset[str]:
    """Those of these document indexes whose child is shielded."""
    column = shielded_children.c.document_index
    query = select(column).where(column.in_(sorted(set(documents))))
    return frozenset((await connection.execute(query)).scalars())


async def raise_shield(
    connection: AsyncConnection, grant: Grant, shield: Shield, now: datetime
) -> None:
    """Shield a child, known or not; once more changes nothing."""
    new = insert_into(connection, shielded_children).values(
        document_index=shield.document_index,
        area=grant.area,
        decided_by=grant.user,
        approver=shield.approver,
        document_number=grant.case,
        since_at=now,
    )
    await connection.execute(new.on_conflict_do_nothing())


async def lift_shield(connection: AsyncConnection, grant: Grant, shield: Shield) -> None:
    """End a shield that was raised within the grant's reach; where there is none, do nothing."""
    columns = shielded_children.c
    await connection.execute(
        delete(shielded_children).where(
            columns.document_index == shield.document_index,
            columns.area.startswith(grant.scope.value, autoescape=True),
        )
    )
