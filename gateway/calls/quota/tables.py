"""What the quota keeps: calls reserved by window, and the newest calls where the store paces."""

from sqlalchemy import Column, Integer, String, Table

from gateway.database import Instant, metadata

reserved_calls = Table(
    "reserved_calls",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    Column("calls", Integer, nullable=False),
)

paced_calls = Table(
    "paced_calls",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("grant_id", String(32), primary_key=True),
    Column("granted_at", Instant, nullable=False),
    Column("calls", Integer, nullable=False),
)
