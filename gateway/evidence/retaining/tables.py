"""Legal holds, what each of them holds, and how far particulars were let go."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from gateway.database import Instant, metadata

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("hold_id", String(32), primary_key=True),
    Column("kind", String(8), nullable=False),  # child, case or all
    Column("approval", Text, nullable=False),  # reference of the order
    Column("placed_by", Text, nullable=False),
    Column("placed_approved_by", Text, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("released_by", Text),
    Column("released_approved_by", Text),
    Column("released_at", Instant),
)

# A child is held under every blind reference it is known by; a case under its own.
held = Table(
    "held",
    metadata,
    Column("hold_id", ForeignKey("legal_holds.hold_id"), primary_key=True),
    Column("value", Text, primary_key=True),
    Index("held_value", "value"),
)

# Up to which entry the particulars of a class are gone, but for those on hold.
expired_details = Table(
    "expired_details",
    metadata,
    Column("keeping", String(16), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
