"""What is kept of looks, for one window: who, whom (blind), under which case; and the stops."""

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from gateway.database import Instant, metadata

looks = Table(
    "looks",
    metadata,
    Column("institution", String(32), primary_key=True),
    Column("looker", Text, primary_key=True),
    Column("purpose", String(16), primary_key=True),
    Column("child", String(64), primary_key=True),
    Column("case_number", Text, nullable=False),
    Column("place", String(64)),  # where a number lies among numbers, blind
    Column("near", Boolean, nullable=False),  # a neighbour of a number the same person asked for
    Column("off_hours", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("looks_seen", "seen_at"),
)

access_stops = Table(
    "access_stops",
    metadata,
    Column("stop_id", String(32), primary_key=True),
    Column("institution", String(32), nullable=False),
    Column("area", String(6), nullable=False),
    Column("looker", Text, nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("signal", String(16), nullable=False),
    Column("stopped_at", Instant, nullable=False),
    Column("released_at", Instant),
    Column("released_by", Text),
    Column("reason", Text),
    Index("access_stops_looker", "institution", "looker"),
)

# Records that nobody has a reason to open: whoever does is stopped at once.
honey_records = Table(
    "honey_records",
    metadata,
    Column("child", String(64), primary_key=True),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", Instant, nullable=False),
)
