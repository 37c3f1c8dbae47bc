"""What verification keeps: one query per child."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from gateway.database import Instant, metadata

verifications = Table(
    "verifications",
    metadata,
    Column("subject_id", String(64), primary_key=True),
    Column("key_id", String(32), nullable=False),
    Column("school", String(10), nullable=False),
    Column("area", String(6), nullable=False),
    Column("trace_id", String(64), nullable=False),
    Column("sealed_claim", LargeBinary),  # null where nothing is asked
    Column("outcome", String(16)),  # null while it is pending
    Column("code", String(32), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("wake", String(32), nullable=False),  # the kind of work to wake with the answer
    Index("verifications_outcome", "outcome"),
)
