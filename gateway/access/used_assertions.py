"""Assertions that were used: each counts once, however many processes see it."""

from datetime import datetime

from sqlalchemy import Column, Index, String, Table, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.access.assertions import Assertion
from gateway.database import Instant, metadata

used_assertions = Table(
    "used_assertions",
    metadata,
    Column("client_id", String(64), primary_key=True),
    Column("jti_hash", String(64), primary_key=True),
    Column("kept_until", Instant, nullable=False),
    Index("used_assertions_kept_until", "kept_until"),
)


async def use_up(connection: AsyncConnection, assertion: Assertion, now: datetime) -> None:
    """Keep the assertion as used; `IntegrityError` where it was used before.

    Forgets those that have expired, which are refused for their age.
    """
    await connection.execute(delete(used_assertions).where(used_assertions.c.kept_until < now))
    await connection.execute(
        used_assertions.insert().values(
            client_id=assertion.client_id,
            jti_hash=assertion.jti_hash,
            kept_until=assertion.kept_until,
        )
    )
