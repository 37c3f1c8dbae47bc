"""What calls keep: questions that left and have no answer yet, and the state of each lane."""

from sqlalchemy import Column, Integer, String, Table, Text

from gateway.database import Instant, metadata

open_calls = Table(
    "open_calls",
    metadata,
    Column("call_id", String(32), primary_key=True),
    Column("entry_id", String(32), nullable=False),
    Column("system", String(32), nullable=False),
    Column("operation", String(32), nullable=False),
    Column("trace_id", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

lanes = Table(
    "lanes",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("operation", String(32), primary_key=True),  # empty: the lane of the whole system
    Column("reason", String(32), nullable=False),  # empty: open
    Column("code", Text, nullable=False),
    Column("openings", Integer, nullable=False),  # rests one after the other, without a steady time
    Column("since_at", Instant, nullable=False),
    Column("until_at", Instant),  # when a resting lane lets one call through to try
    Column("probe_until", Instant),  # how long that one call may take
)
